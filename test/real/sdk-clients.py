"""Asks a simulated server through one Python client, streamed and in one piece; prints what the client understood as JSON.

usage: sdk-clients.py URL CLIENT TOKENS
"""

import json
import sys

URL, CLIENT, TOKENS = sys.argv[1], sys.argv[2], int(sys.argv[3])
MODEL = "fixed"
PROMPT = "hello"
MESSAGES = [{"role": "user", "content": PROMPT}]
# The simulator takes any key.
KEY = "any"


def result(text, prompt_tokens, output_tokens, finish):
    return {"text": text, "promptTokens": prompt_tokens, "outputTokens": output_tokens, "finish": finish}


def openai_chat():
    import openai

    client = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
    body = dict(model=MODEL, messages=MESSAGES, max_completion_tokens=TOKENS, seed=7, extra_body={"ignore_eos": True})
    text, usage, finish = "", None, None
    for chunk in client.chat.completions.create(**body, stream=True, stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    yield result(text, usage.prompt_tokens, usage.completion_tokens, finish)
    whole = client.chat.completions.create(**body)
    choice = whole.choices[0]
    yield result(choice.message.content, whole.usage.prompt_tokens, whole.usage.completion_tokens, choice.finish_reason)


def openai_completions():
    import openai

    client = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
    body = dict(model=MODEL, prompt=PROMPT, max_tokens=TOKENS, seed=7, extra_body={"ignore_eos": True})
    text, usage, finish = "", None, None
    for chunk in client.completions.create(**body, stream=True, stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.text
            finish = choice.finish_reason or finish
    yield result(text, usage.prompt_tokens, usage.completion_tokens, finish)
    whole = client.completions.create(**body)
    choice = whole.choices[0]
    yield result(choice.text, whole.usage.prompt_tokens, whole.usage.completion_tokens, choice.finish_reason)


def openai_responses():
    import openai

    client = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
    body = dict(model=MODEL, input=PROMPT, max_output_tokens=TOKENS, temperature=0)
    text = ""
    with client.responses.stream(**body) as stream:
        last = None
        for event in stream:
            last = event
            if event.type == "response.output_text.delta":
                text += event.delta
    final = last.response
    assert final.output_text == text, (final.output_text, text)
    yield result(text, final.usage.input_tokens, final.usage.output_tokens, final.status)
    whole = client.responses.create(**body)
    yield result(whole.output_text, whole.usage.input_tokens, whole.usage.output_tokens, whole.status)


def anthropic_messages():
    import anthropic

    client = anthropic.Anthropic(base_url=URL, api_key=KEY, max_retries=0)
    body = dict(model=MODEL, messages=MESSAGES, max_tokens=TOKENS)
    with client.messages.stream(**body) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert final.content[0].text == text
    yield result(text, final.usage.input_tokens, final.usage.output_tokens, final.stop_reason)
    whole = client.messages.create(**body)
    yield result(whole.content[0].text, whole.usage.input_tokens, whole.usage.output_tokens, whole.stop_reason)


def text_generation():
    from text_generation import Client

    client = Client(URL)
    text, last = "", None
    for event in client.generate_stream(PROMPT, max_new_tokens=TOKENS):
        last = event
        if not event.token.special:
            text += event.token.text
    assert last.generated_text == text, (last.generated_text, text)
    # What the stream's details tell of the input is not in this client's types; in one piece it is no part of them either.
    yield result(text, None, last.details.generated_tokens, last.details.finish_reason.value)
    whole = client.generate(PROMPT, max_new_tokens=TOKENS)
    details = whole.details
    assert "".join(token.text for token in details.tokens) == whole.generated_text
    yield result(whole.generated_text, None, details.generated_tokens, details.finish_reason.value)


def ollama_client(ask, text_of):
    options = {"num_predict": TOKENS, "seed": 7}
    text, last = "", None
    for part in ask(stream=True, options=options):
        text += text_of(part)
        last = part
    assert last.done and last.eval_duration > 0 and last.total_duration >= last.eval_duration
    yield result(text, last.prompt_eval_count, last.eval_count, last.done_reason)
    whole = ask(stream=False, options=options)
    yield result(text_of(whole), whole.prompt_eval_count, whole.eval_count, whole.done_reason)


def ollama_chat():
    from ollama import Client

    client = Client(host=URL)
    assert [m.model for m in client.list().models] == [f"{MODEL}:latest"]
    assert client.show(MODEL).modelinfo["falloff.context_length"] > 0
    yield from ollama_client(lambda **more: client.chat(MODEL, MESSAGES, **more), lambda part: part.message.content)
    assert [m.model for m in client.ps().models] == [f"{MODEL}:latest"]


def ollama_generate():
    from ollama import Client

    client = Client(host=URL)
    yield from ollama_client(lambda **more: client.generate(MODEL, PROMPT, **more), lambda part: part.response)


streamed, whole = globals()[CLIENT]()
print(json.dumps({"streamed": streamed, "whole": whole}))
