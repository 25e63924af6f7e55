"""Makes a model folder that vLLM serves with `--load-format dummy`: a configuration and a tokenizer, no weights.

    python tiny-model.py FOLDER [--hidden 128] [--layers 2] [--heads 4] [--head-dim 32] [--context 2048]

The tokenizer is a byte-level BPE of 4,096 entries, trained on the sources of Python's standard library: text that is
there wherever this script runs. The same Python and the same `tokenizers` package give the same bytes.
"""

import argparse
import json
import sysconfig
from pathlib import Path

VOCABULARY = 4096
TRAINING_BYTES = 1_500_000
SPECIAL = ["<|begin|>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"]
CHAT_TEMPLATE = (
    "{{ '<|begin|>' }}{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def training_text():
    """The top-level modules of the standard library in the order of their names, up to TRAINING_BYTES."""
    left = TRAINING_BYTES
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        if left <= 0:
            return
        text = path.read_text(encoding="utf-8", errors="replace")[:left]
        left -= len(text)
        yield text


def make_tokenizer():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=SPECIAL,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(training_text(), trainer)
    return tokenizer


def model_config(hidden, layers, heads, head_dim, context):
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": hidden,
        "intermediate_size": hidden * 4,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": heads,
        "head_dim": head_dim,
        "max_position_embeddings": context,
        "vocab_size": VOCABULARY,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "tie_word_embeddings": False,
        "bos_token_id": SPECIAL.index("<|begin|>"),
        "eos_token_id": SPECIAL.index("<|end|>"),
        "torch_dtype": "float32",
    }


def tokenizer_config(context):
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<|begin|>",
        "eos_token": "<|end|>",
        "model_max_length": context,
        "clean_up_tokenization_spaces": False,
        "chat_template": CHAT_TEMPLATE,
    }


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--hidden", type=int, default=128)
    arguments.add_argument("--layers", type=int, default=2)
    arguments.add_argument("--heads", type=int, default=4)
    arguments.add_argument("--head-dim", type=int, help="hidden / heads when left out; attention may be wider than that")
    arguments.add_argument("--context", type=int, default=2048)
    a = arguments.parse_args()
    a.folder.mkdir(parents=True, exist_ok=True)
    write_json(a.folder / "tokenizer_config.json", tokenizer_config(a.context))
    make_tokenizer().save(str(a.folder / "tokenizer.json"))
    write_json(a.folder / "config.json", model_config(a.hidden, a.layers, a.heads, a.head_dim or a.hidden // a.heads, a.context))


if __name__ == "__main__":
    main()
