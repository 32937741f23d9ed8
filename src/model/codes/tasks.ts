import type { CodeFacts } from '../errors.js';

export const tasksCodes = {
  SCRIPT_NOT_FOUND: { class: 'input', summary: 'There is no script under this path, or it cannot be read.' },
  SCRIPT_LANGUAGE: { class: 'input', summary: 'A script is in a language that Evenkeel does not run.' },
  SCRIPT_SYNTAX: { class: 'input', summary: 'A script cannot be read: a syntax error, or an import that leads nowhere.' },
  SCRIPT_FAILED: { class: 'input', summary: 'The top level of a script threw an error.' },
  SCRIPT_TOP_LEVEL: {
    class: 'refused',
    summary: 'A script that is only looked at (list, validate, graph, dry run) would do something outside of its tasks.',
  },
  TASK_INVALID: { class: 'input', summary: 'A task or a pipeline is declared with a value that does not fit.' },
  TASK_DUPLICATE: { class: 'input', summary: 'Two tasks of a pipeline, or two pipelines of a script, have the same name.' },
  TASK_UNKNOWN: { class: 'input', summary: 'A task or pipeline is named that does not exist.' },
  TASK_CYCLE: { class: 'input', summary: 'Tasks depend on each other in a circle.' },
  TASK_FAILED: { class: 'environment', summary: 'A task reported failure or threw an error.' },
  TASK_COMMAND_FAILED: { class: 'environment', summary: 'A command of a task ended with another status than 0, or could not be started.' },
  TASK_TIMEOUT: { class: 'environment', summary: 'A task did not end within its time limit.' },
  TASK_HOOK_FAILED: {
    class: 'environment',
    summary: 'A hook of a task or a pipeline threw an error; what it was called for counts as failed.',
  },
  TASK_CONDITION_FAILED: { class: 'environment', summary: 'A condition of a task could not be evaluated.' },
  TASK_ARTIFACT: { class: 'environment', summary: 'An artifact of a task is missing, too large, or outside of the folder of the script.' },
  TASK_OUTSIDE_RUN: { class: 'input', summary: 'A module of scripts was used outside of a running pipeline.' },
  PARAM_UNKNOWN: { class: 'input', summary: 'A parameter is given that the pipeline does not declare.' },
  PARAM_INVALID: { class: 'input', summary: 'A parameter is missing, or its value has the wrong type or is none of the choices.' },
  PROMPT_UNANSWERED: { class: 'refused', summary: 'A script asks a question and nobody is there to answer it.' },
  RUN_NOT_FOUND: { class: 'input', summary: 'There is no such run of a pipeline to show or to go on from.' },
} satisfies Record<string, CodeFacts>;
