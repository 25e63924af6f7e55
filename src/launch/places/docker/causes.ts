import type { CauseRule } from '../../contract.js'

export const DOCKER_CAUSES: readonly CauseRule[] = [
  {
    cause: 'no-gpu',
    pattern:
      /could not select device driver|nvidia-container-cli: initialization error|unknown or invalid runtime name: nvidia/,
    says: 'docker cannot give a container this machine’s GPUs',
    wayOut:
      'Install the NVIDIA container toolkit and restart docker; without a GPU write engine.place.options: [--gpus, none].',
  },
  {
    cause: 'port-in-use',
    pattern: /port is already allocated|bind for \S+ failed/i,
    says: 'another container or process listens on its port',
    wayOut: 'Name another as engine.port, or leave it out: falloff then picks one that is free.',
  },
  {
    cause: 'not-installed',
    pattern: /exec: "([^"]+)": (?:executable file not found|stat .*no such file)/,
    says: 'the image has no program $1',
    wayOut:
      'Choose an image of this engine, or name the program as it is called in the image as engine.command.',
  },
  {
    cause: 'bad-flag',
    pattern: /^(?:docker: )?(unknown (?:shorthand )?flag: .+)/,
    says: 'docker does not take an option: $1',
    wayOut: 'Correct engine.place.options; `docker run --help` lists them.',
  },
]
