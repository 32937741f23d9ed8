import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { exit } from '../report.js';

/** Prints a completion script made from the commands and options themselves. */
export async function completionCommand({ terminal }: CommandContext, shell: 'bash' | 'zsh' | 'fish', program: Command): Promise<number> {
  const commands = program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    options: [
      ...command.options.map((option) => ({
        flags: [option.short, option.long].filter((f): f is string => f != null),
        text: option.description,
        choices: option.argChoices ?? [],
      })),
      { flags: ['-h', '--help'], text: 'explain the command', choices: [] },
    ],
    choices: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
  }));
  terminal.out({ bash, zsh, fish }[shell](commands));
  return exit.done;
}

interface Known {
  name: string;
  summary: string;
  options: { flags: string[]; text: string; choices: readonly string[] }[];
  choices: readonly string[];
}

function bash(commands: readonly Known[]): string {
  const cases = commands
    .map((c) => `    ${c.name}) words="${[...c.options.flatMap((o) => o.flags), ...c.choices].join(' ')}" ;;`)
    .join('\n');
  return `_evenkeel() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${commands.map((c) => c.name).join(' ')} help"
  else
    case "\${COMP_WORDS[1]}" in
${cases}
    *) words="" ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _evenkeel evenkeel`;
}

const quote = (text: string) => `'${text.replace(/'/g, "'\\''")}'`;

function zsh(commands: readonly Known[]): string {
  const list = commands.map((c) => `    ${quote(`${c.name}:${c.summary}`)}`).join('\n');
  const cases = commands
    .map((c) => {
      const options = c.options.flatMap((o) => o.flags.map((flag) => quote(`${flag}[${o.text.replace(/[[\]]/g, '')}]`)));
      const values = c.choices.length > 0 ? [quote(`1:value:(${c.choices.join(' ')})`)] : [quote('*:file:_files')];
      return `    ${c.name}) _arguments ${[...options, ...values].join(' ')} ;;`;
    })
    .join('\n');
  return `#compdef evenkeel
_evenkeel() {
  local -a commands
  commands=(
${list}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words; (( CURRENT-- ))
  case $command in
${cases}
  esac
}
compdef _evenkeel evenkeel`;
}

function fish(commands: readonly Known[]): string {
  const lines = ['complete -c evenkeel -f'];
  for (const c of commands) {
    lines.push(`complete -c evenkeel -n __fish_use_subcommand -a ${c.name} -d ${quote(c.summary)}`);
    const here = quote(`__fish_seen_subcommand_from ${c.name}`);
    for (const o of c.options) {
      const short = o.flags.find((f) => !f.startsWith('--'));
      const long = o.flags.find((f) => f.startsWith('--'));
      lines.push(
        `complete -c evenkeel -n ${here}${short === undefined ? '' : ` -s ${short.slice(1)}`}${long === undefined ? '' : ` -l ${long.slice(2)}`} -d ${quote(o.text)}${o.choices.length > 0 ? ` -xa ${quote(o.choices.join(' '))}` : ''}`,
      );
    }
    if (c.choices.length > 0) lines.push(`complete -c evenkeel -n ${here} -a ${quote(c.choices.join(' '))}`);
  }
  return lines.join('\n');
}
