import { EvenkeelError, printable } from '../model/index.js';
import { boolean, type ModuleDescription, optional, options, parameter, text } from './describe/types.js';
import type { ModuleHost } from './host.js';

/** Questions to the person at the terminal. Elsewhere they fail and name the flag that answers them. */
export interface PromptModule {
  ask(question: string, options?: { default?: string }): Promise<string>;
  confirm(question: string, options?: { default?: boolean }): Promise<boolean>;
}

export function openPrompt({ prompt, signal, secrets }: Pick<ModuleHost, 'prompt' | 'signal' | 'secrets'>): PromptModule {
  const put = (question: string) => prompt(printable(secrets.mask(question)), signal);
  return {
    async ask(question, { default: fallback } = {}) {
      const answer = (await put(fallback === undefined ? question : `${question} [${fallback}]`)).trim();
      return answer === '' && fallback !== undefined ? fallback : answer;
    },
    async confirm(question, { default: fallback } = {}) {
      const choices = fallback === undefined ? 'y/n' : fallback ? 'Y/n' : 'y/N';
      for (let tries = 0; tries < 3; tries++) {
        const answer = (await put(`${question} (${choices})`)).trim().toLowerCase();
        if (answer === '' && fallback !== undefined) return fallback;
        if (['y', 'yes', 'true'].includes(answer)) return true;
        if (['n', 'no', 'false'].includes(answer)) return false;
      }
      throw new EvenkeelError('ARGUMENT_INVALID', 'the question was answered with neither yes nor no', { hint: 'Answer y or n.' });
    },
  };
}

export const promptDescription: ModuleDescription<PromptModule> = {
  summary: 'Questions to the person at the terminal. Where there is none they fail, and say which flag answers them.',
  functions: {
    ask: {
      summary: 'Asks for a text.',
      parameters: [parameter('question', text, 'What is asked'), options({ default: optional(text, 'What an empty answer stands for') })],
      returns: { type: text },
      async: true,
    },
    confirm: {
      summary: 'Asks for yes or no.',
      parameters: [
        parameter('question', text, 'What is asked'),
        options({ default: optional(boolean, 'What an empty answer stands for') }),
      ],
      returns: { type: boolean },
      async: true,
    },
  },
};
