import {
  boolean,
  choice,
  data,
  duration,
  integer,
  list,
  type ModuleDescription,
  nothing,
  number,
  object,
  optional,
  optionalParameter,
  options,
  parameter,
  required,
  text,
  time,
} from '../describe/types.js';
import type { AiModule } from './module.js';

const taskName = parameter('taskName', text, 'Name of the task');
const seconds = (summary: string) => optional(number, `${summary}, in seconds`);
const trend = choice('unknown', 'steady', 'better', 'worse');

export const aiDescription: ModuleDescription<AiModule> = {
  summary: 'Statistics over what was recorded: predictions come with how sure they are, and none is made up.',
  functions: {
    predictFailure: {
      summary: 'How likely a task fails, by what became of it and of similar commands before.',
      parameters: [
        taskName,
        optionalParameter('command', text, 'What it is going to run'),
        options({
          workflowId: optional(
            text,
            'The workflow that it syncs: past syncs and the present diff count, too. Default: the one that its last executions synced',
          ),
          diff: optional(data, 'The preview of what it syncs, where there is one already'),
        }),
      ],
      returns: {
        type: object('Prediction', {
          failureProbability: required(number, 'From 0 to 1'),
          confidence: required(number, '0 where nothing is known, towards 1 the more is'),
          riskFactors: required(
            list(
              object('RiskFactor', {
                factor: required(text, 'Its name, like `recent_failures` or `no_history`'),
                description: required(text, 'For people'),
                weight: required(number, 'How much it moves the odds (logarithm); 0 where it is only worth knowing'),
              }),
            ),
            'What speaks for a failure',
          ),
          recommendations: required(list(text), 'What to do'),
          similarFailures: required(integer, 'How many failures were counted'),
          basedOn: required(integer, 'How many executions were counted'),
        }),
      },
      async: true,
      throws: ['WORKFLOW_NOT_FOUND'],
    },
    recordExecution: {
      summary: 'Remembers how an execution ended. Tasks that the runner runs are remembered by themselves.',
      parameters: [
        parameter(
          'execution',
          {
            type: 'object',
            fields: {
              taskName: required(text, 'Name of the task'),
              command: optional(text, 'What it ran'),
              success: required(boolean, 'How it ended'),
              executionTime: optional(duration, 'How long it took'),
              error: optional(text, 'What went wrong, in a line'),
              predictedFailureProbability: optional(number, 'What had been predicted: kept, so that predictions can be judged'),
              aiPredictionUsed: optional(boolean, 'Whether somebody acted by it: then it may have changed what came'),
              diff: optional(data, 'The preview of what was synced'),
            },
          },
          'What became of it',
        ),
      ],
      returns: { type: nothing },
      async: true,
    },
    getTaskHistory: {
      summary: 'Past executions of a task, newest first: recorded ones, and those of the runner.',
      parameters: [taskName, options({ limit: optional(integer, 'How many, up to 1000. Default 50') })],
      returns: {
        type: list(
          object('PastExecution', {
            taskName: required(text, 'Name of the task'),
            command: required(text, 'What it ran; empty for a function'),
            success: required(boolean, 'How it ended'),
            executionTime: seconds('How long it took'),
            at: required(time, 'When it began'),
            error: optional(text, 'What went wrong'),
            source: required(choice('recorded', 'run', 'sync'), 'Who told of it'),
          }),
        ),
      },
      async: true,
    },
    getTaskStats: {
      summary: 'Counts, times and trend of a task.',
      parameters: [taskName],
      returns: {
        type: object('TaskStats', {
          taskName: required(text, 'Name of the task'),
          totalExecutions: required(integer, 'Executions that are known'),
          successCount: required(integer, 'Successes'),
          failureCount: required(integer, 'Failures'),
          successRate: optional(number, 'From 0 to 1'),
          averageExecutionTime: seconds('Mean'),
          medianExecutionTime: seconds('Median'),
          p95ExecutionTime: seconds('What 19 of 20 do not exceed'),
          lastExecution: optional(time, 'When it began last'),
          lastSuccess: optional(time, 'When it succeeded last'),
          lastFailure: optional(time, 'When it failed last'),
          trend: required(trend, 'Of failures: the last ten against those before'),
          predictions: optional(
            object('PredictionScore', {
              count: required(integer, 'Predictions that were recorded'),
              used: required(integer, 'How many of them somebody acted by'),
              brierScore: required(number, 'Mean square of how far off they were: 0 is perfect'),
              baseRateScore: required(number, 'That of who only knows how often it fails'),
            }),
            'How good predictions were',
          ),
        }),
      },
      async: true,
    },
    findSimilarTasks: {
      summary: 'Tasks that ran similar commands, most similar first.',
      parameters: [
        parameter('command', text, 'The command'),
        options({ limit: optional(integer, 'How many. Default 10'), minSimilarity: optional(number, 'From 0 to 1. Default 0.6') }),
      ],
      returns: {
        type: list(
          object('SimilarTask', {
            taskName: required(text, 'Name of the task'),
            command: required(text, 'Its most similar command'),
            similarity: required(number, 'From 0 to 1'),
            executions: required(integer, 'Executions of such commands'),
            failureRate: required(number, 'How many of them failed, from 0 to 1'),
          }),
        ),
      },
      async: true,
    },
    analyzePerformance: {
      summary: 'Whether a task grows slower, and which executions took far longer than others.',
      parameters: [taskName],
      returns: {
        type: object('Performance', {
          taskName: required(text, 'Name of the task'),
          executions: required(integer, 'Executions that are known'),
          medianExecutionTime: seconds('Median of successes'),
          trend: required(trend, 'Of seconds'),
          changePerTen: seconds('What ten executions add to it'),
          slowest: required(
            list(
              object('SlowExecution', {
                at: required(time, 'When it began'),
                seconds: required(number, 'How long it took'),
                command: required(text, 'What it ran'),
              }),
            ),
            'Executions that took far longer, newest first',
          ),
          insights: required(list(text), 'For people'),
        }),
      },
      async: true,
    },
  },
};
