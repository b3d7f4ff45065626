import { calcPrice, type Provider, findProvider } from '@pydantic/genai-prices';

/** The server whose prices are public: a price of nothing is not believed there. */
export const OFFICIAL_ADDRESS = 'https://api.openai.com/v1';

/** Prices that the installation sets itself, in micro-US-dollars for a million tokens. */
export interface PriceOverride {
  readonly inputMicroUsdPerMillionTokens: number;
  readonly outputMicroUsdPerMillionTokens: number;
}

export interface TokenCounts {
  readonly inputTokens: number;
  /** Those of `inputTokens` that the provider had cached. Default 0. */
  readonly cachedInputTokens?: number;
  readonly outputTokens: number;
}

/** What a call costs, in whole micro-US-dollars, rounded up. */
export type Price = (tokens: TokenCounts) => number;

export class UnpricedModelError extends Error {
  override readonly name = 'UnpricedModelError';
  constructor(readonly model: string) {
    super(
      `no price is known for the model "${model}", so its cost could not be counted and it is not called. ` +
        'Set models.openai.inputMicroUsdPerMillionTokens and models.openai.outputMicroUsdPerMillionTokens ' +
        '(OPENAI_INPUT_MICRO_USD_PER_MILLION_TOKENS, OPENAI_OUTPUT_MICRO_USD_PER_MILLION_TOKENS); 0 for a server of your own.',
    );
  }
}

const TOKENS_PER_PRICE = 1_000_000;
/** Noise of adding binary fractions; a cost above a whole number by less than this is that number. */
const FLOAT_NOISE = 1e-6;

/** The price of a model at a server. An override holds for every model. Throws an UnpricedModelError where there is none. */
export function priceOf(model: string, options: { baseUrl: string; override: PriceOverride | null }): Price {
  if (options.override !== null) return overridden(options.override);
  const provider = providerAt(options.baseUrl);
  const price: Price = (tokens) => listedMicroUsd(model, { provider, tokens });
  price({ inputTokens: 1, outputTokens: 1 });
  return price;
}

function overridden(price: PriceOverride): Price {
  return ({ inputTokens, outputTokens }) =>
    roundUp(
      (inputTokens * price.inputMicroUsdPerMillionTokens + outputTokens * price.outputMicroUsdPerMillionTokens) /
        TOKENS_PER_PRICE,
    );
}

/** The list's provider at this address; one that speaks the protocol but is not in the list is priced like the official server. */
function providerAt(baseUrl: string): Provider | undefined {
  return findProvider({ providerApiUrl: baseUrl }) ?? findProvider({ providerId: 'openai' });
}

function listedMicroUsd(
  model: string,
  { provider, tokens }: { provider: Provider | undefined; tokens: TokenCounts },
): number {
  if (provider === undefined) throw new UnpricedModelError(model);
  const usage = {
    input_tokens: tokens.inputTokens,
    cache_read_tokens: Math.min(tokens.cachedInputTokens ?? 0, tokens.inputTokens),
    output_tokens: tokens.outputTokens,
  };
  const price = calcPrice(usage, model, { provider });
  if (price === null) throw new UnpricedModelError(model);
  return roundUp(price.total_price * 1_000_000);
}

function roundUp(microUsd: number): number {
  return Math.max(0, Math.ceil(microUsd - FLOAT_NOISE));
}
