/** Steps that do nothing. */
export interface BareSteps {
  first(): Promise<void>;
  second(): Promise<void>;
  third(): Promise<void>;
}

export const BARE_STEPS: BareSteps = {
  first: async () => {},
  second: async () => {},
  third: async () => {},
};
