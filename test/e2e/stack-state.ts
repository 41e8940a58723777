/** What `pulumi stack export` prints, as far as tests look at it. */
export interface StackState {
  version: number;
  deployment: {
    resources?: StateResource[];
    pending_operations?: { resource: StateResource; type: string }[];
  };
}

/** The same, as a backend of files stores it. */
export interface StoredState {
  version: number;
  checkpoint: { latest?: StackState["deployment"] };
}

export interface StateResource {
  urn: string;
  type: string;
  custom: boolean;
  id?: string;
  parent?: string;
  protect?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  dependencies?: string[];
  initErrors?: string[];
}
