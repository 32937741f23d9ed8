/** The size and kind of what a sync changes. */
export interface DiffFacts {
  changes: number;
  deletions: number;
  impact: 'none' | 'low' | 'medium' | 'high' | 'critical';
}

/** One execution that has ended, as far as it is known. */
export interface Execution {
  task: string;
  /** '' for a function. */
  command: string;
  /** When it began, in milliseconds since the epoch. */
  at: number;
  success: boolean;
  seconds?: number;
  /** More than 1 where it was tried again. */
  attempts?: number;
  diff?: DiffFacts;
  /** What had been predicted. */
  predicted?: number;
  /** Whether somebody acted by it. */
  predictionUsed?: boolean;
  error?: string;
  /** `recorded` by a script, `run` by the runner, `sync` of the workflow. */
  source: 'recorded' | 'run' | 'sync';
}

export interface RiskFactor {
  /** `recent_failures`, `similar_failures`, `failed_last_time`, `large_change`, `deletions`, `impact`, `retries`, `getting_worse`, `no_history` */
  factor: string;
  description: string;
  /** How much it moves the odds of a failure: its logarithm. 0 where it is only worth knowing. */
  weight: number;
}

export interface Prediction {
  failureProbability: number;
  /** From 0, nothing is known, towards 1. */
  confidence: number;
  riskFactors: RiskFactor[];
  recommendations: string[];
  /** Failures that were counted, of this and of similar tasks. */
  similarFailures: number;
  /** Executions that were counted. */
  basedOn: number;
}
