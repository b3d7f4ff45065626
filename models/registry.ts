import { createOpenAiProvider, OPENAI_PROVIDER } from './openai';
import { OFFICIAL_ADDRESS } from './prices';
import type { PriceOverride } from './prices';
import type { ModelProvider } from './provider';

/** The providers' settings as the configuration has them. */
export interface ProviderSettings {
  readonly openai: {
    /** Default: true as soon as there is a key or an address other than the official one. */
    readonly enabled?: boolean | undefined;
    readonly apiKey?: string | undefined;
    /** Default: the official server. */
    readonly baseUrl?: string | undefined;
    readonly model: string;
    readonly timeoutSeconds: number;
    /** Both prices, or neither. */
    readonly inputMicroUsdPerMillionTokens?: number | undefined;
    readonly outputMicroUsdPerMillionTokens?: number | undefined;
  };
  /** Models that routes name besides the configured one. Each must have a price too. */
  readonly routeModels?: readonly string[];
}

/** A setting of a provider that can't be used. Says which, why, and what to do. */
export class ProviderSettingsError extends Error {
  override readonly name = 'ProviderSettingsError';
}

/**
 * The remote providers of this installation, by name; none where nothing is set. Throws at start, not at the first call: a
 * ProviderSettingsError for settings that can't work, an UnpricedModelError for a model whose cost could not be counted.
 */
export function createProviders(settings: ProviderSettings): ReadonlyMap<string, ModelProvider> {
  const { openai } = settings;
  const baseUrl = withoutTrailingSlashes(openai.baseUrl ?? OFFICIAL_ADDRESS);
  const isSet = openai.apiKey !== undefined || baseUrl !== OFFICIAL_ADDRESS;
  if (!(openai.enabled ?? isSet)) return new Map();
  const price = priceOverride(openai);
  validate({ ...openai, baseUrl, price });
  const provider = createOpenAiProvider({ ...openai, baseUrl, price, apiKey: openai.apiKey ?? null });
  for (const model of [openai.model, ...(settings.routeModels ?? [])]) assertPriced(provider, model);
  return new Map([[OPENAI_PROVIDER, provider]]);
}

function validate(settings: { apiKey?: string | undefined; baseUrl: string; price: PriceOverride | null }): void {
  const url = URL.canParse(settings.baseUrl) ? new URL(settings.baseUrl) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new ProviderSettingsError(
      'models.openai.baseUrl (OPENAI_BASE_URL) must be an http:// or https:// address without a user. Give one such as http://127.0.0.1:11434/v1.',
    );
  }
  const isOfficial = settings.baseUrl === OFFICIAL_ADDRESS;
  if (isOfficial && settings.apiKey === undefined) {
    throw new ProviderSettingsError(
      'models.openai is enabled, but the official server needs a key. Set OPENAI_API_KEY, or OPENAI_BASE_URL to a server that needs none.',
    );
  }
  const isFree =
    settings.price?.inputMicroUsdPerMillionTokens === 0 || settings.price?.outputMicroUsdPerMillionTokens === 0;
  if (isOfficial && isFree) {
    throw new ProviderSettingsError(
      'a price of 0 is set for the official server, which bills every call. Remove OPENAI_INPUT_MICRO_USD_PER_MILLION_TOKENS and OPENAI_OUTPUT_MICRO_USD_PER_MILLION_TOKENS, or set the real prices.',
    );
  }
}

function priceOverride(settings: ProviderSettings['openai']): PriceOverride | null {
  const { inputMicroUsdPerMillionTokens: input, outputMicroUsdPerMillionTokens: output } = settings;
  if (input === undefined && output === undefined) return null;
  if (input === undefined || output === undefined) {
    throw new ProviderSettingsError(
      'only one of the two prices of models.openai is set, so a call could not be priced. Set both, or neither.',
    );
  }
  return { inputMicroUsdPerMillionTokens: input, outputMicroUsdPerMillionTokens: output };
}

function assertPriced(provider: ModelProvider, model: string): void {
  provider.upperBoundMicroUsd({ model, messages: [], outputSchema: { name: 'probe', schema: {} }, maxOutputTokens: 1 });
}

function withoutTrailingSlashes(url: string): string {
  let end = url.length;
  while (end > 0 && url[end - 1] === '/') end -= 1;
  return url.slice(0, end);
}
