import { boolean, data, type ModuleDescription, optional, options, parameter, record, text } from '../describe/types.js';
import { readTextInside } from '../files/read.js';
import type { ModuleHost } from '../host.js';
import { renderTemplate } from './render.js';

type Data = { [name: string]: unknown };

/** Texts with values filled in. */
export interface TemplateModule {
  render(template: string, values: Data, options?: { strict?: boolean }): string;
  renderFile(path: string, values: Data, options?: { strict?: boolean }): Promise<string>;
}

export function openTemplate(host: Pick<ModuleHost, 'workingDirectory' | 'folders'>): TemplateModule {
  return {
    render: (template, values, { strict = true } = {}) => renderTemplate({ text: template }, values, { strict }),
    renderFile: async (path, values, { strict = true } = {}) =>
      renderTemplate({ text: await readTextInside(host, path), file: path }, values, { strict }),
  };
}

const values = parameter('values', record(data), 'What names in it stand for');
const how = options({ strict: optional(boolean, 'A name that stands for nothing is an error; otherwise it is empty. Default true') });
const throws = ['TEMPLATE_INVALID', 'TEMPLATE_FAILED', 'TEMPLATE_LIMIT'];

export const templateDescription: ModuleDescription<TemplateModule> = {
  summary: 'Texts with values filled in, in a small language that reaches nothing but the values and always ends.',
  functions: {
    render: {
      summary: 'Fills in a template.',
      parameters: [parameter('template', text, 'The template'), values, how],
      returns: { type: text },
      async: false,
      throws,
    },
    renderFile: {
      summary: 'Fills in a template that is a file.',
      parameters: [parameter('path', text, 'Relative to the working directory'), values, how],
      returns: { type: text },
      async: true,
      throws: [...throws, 'FILE_NOT_FOUND', 'FILE_OUTSIDE'],
    },
  },
};
