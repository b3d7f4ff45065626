import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OFFICIAL_ADDRESS, priceOf, UnpricedModelError } from '../../../models/prices';
import { createProviders, ProviderSettingsError } from '../../../models/registry';

const OWN_SERVER = 'http://127.0.0.1:11434/v1';
const BASE = { model: 'gpt-4.1-mini', timeoutSeconds: 30 };
const FREE = { inputMicroUsdPerMillionTokens: 0, outputMicroUsdPerMillionTokens: 0 };

describe('the providers of an installation', () => {
  it('are none without a key and an address', () => {
    expect(createProviders({ openai: BASE }).size).toBe(0);
    expect(createProviders({ openai: { ...BASE, baseUrl: OFFICIAL_ADDRESS } }).size).toBe(0);
  });

  it('include openai with a key, or with the address of a compatible server', () => {
    const byKey = createProviders({ openai: { ...BASE, apiKey: 'k' } });
    const byAddress = createProviders({ openai: { ...BASE, baseUrl: `${OWN_SERVER}/` } });
    expect([...byKey.keys()]).toEqual(['openai']);
    expect(byAddress.get('openai')).toMatchObject({ name: 'openai', model: 'gpt-4.1-mini', timeoutSeconds: 30 });
  });

  it('are none when it is switched off', () => {
    expect(createProviders({ openai: { ...BASE, apiKey: 'k', enabled: false } }).size).toBe(0);
  });

  it('refuse at start a model without a price, naming the setting', () => {
    const start = () => createProviders({ openai: { ...BASE, model: 'my-own-model', baseUrl: OWN_SERVER } });
    expect(start).toThrow(UnpricedModelError);
    expect(start).toThrow(/my-own-model.*OPENAI_INPUT_MICRO_USD_PER_MILLION_TOKENS/);
  });

  it('refuse at start a model without a price that only a route names', () => {
    expect(() => createProviders({ openai: { ...BASE, apiKey: 'k' }, routeModels: ['nobody-knows'] })).toThrow(
      UnpricedModelError,
    );
  });

  it('take a price of nothing for a server of our own, and not for the official one', () => {
    const own = createProviders({ openai: { ...BASE, ...FREE, model: 'my-own-model', baseUrl: OWN_SERVER } });
    const call = { model: 'my-own-model', messages: [], outputSchema: { name: 'o', schema: {} }, maxOutputTokens: 100 };
    expect(own.get('openai')?.upperBoundMicroUsd(call)).toBe(0);
    expect(() => createProviders({ openai: { ...BASE, ...FREE, apiKey: 'k' } })).toThrow(ProviderSettingsError);
  });

  it.each([
    ['one price of two', { apiKey: 'k', inputMicroUsdPerMillionTokens: 5 }],
    ['an address with a user', { baseUrl: 'http://user:secret@127.0.0.1/v1' }],
    ['an address that is none', { baseUrl: 'localhost' }],
    ['the official server without a key', { enabled: true }],
  ])('refuse at start %s', (_, settings) => {
    expect(() => createProviders({ openai: { ...BASE, ...settings } })).toThrow(ProviderSettingsError);
  });

  it('never print the address with its password', () => {
    expect(() => createProviders({ openai: { ...BASE, baseUrl: 'http://user:secret@127.0.0.1/v1' } })).not.toThrow(
      /secret/,
    );
  });
});

describe('a price', () => {
  const listed = priceOf('gpt-4.1-mini', { baseUrl: OFFICIAL_ADDRESS, override: null });

  it('comes from the list, in whole micro-US-dollars', () => {
    expect(listed({ inputTokens: 1_000, outputTokens: 100 })).toBe(560);
  });

  it('is lower for what the provider had cached', () => {
    expect(listed({ inputTokens: 1_000, cachedInputTokens: 500, outputTokens: 100 })).toBe(410);
  });

  it('is rounded up: the smallest call costs something', () => {
    expect(listed({ inputTokens: 1, outputTokens: 0 })).toBe(1);
  });

  it('of an override holds for every model', () => {
    const override = { inputMicroUsdPerMillionTokens: 2_000_000, outputMicroUsdPerMillionTokens: 3_000_000 };
    expect(priceOf('anything', { baseUrl: OWN_SERVER, override })({ inputTokens: 10, outputTokens: 10 })).toBe(50);
  });

  it('never falls when more tokens are used, and is a whole number', () => {
    const tokens = fc.nat({ max: 2_000_000 });
    fc.assert(
      fc.property(tokens, tokens, tokens, (inputTokens, outputTokens, more) => {
        const less = listed({ inputTokens, outputTokens });
        expect(Number.isSafeInteger(less)).toBe(true);
        expect(listed({ inputTokens: inputTokens + more, outputTokens: outputTokens + more })).toBeGreaterThanOrEqual(
          less,
        );
      }),
    );
  });
});
