import { describe, expect, it } from '@jest/globals';
import { createTextCache } from '../../activities/textCache';

const REF = { tenant: 'acme', taskId: 'tsk_1', type: 'notes' };

function cacheAt() {
  let nowMs = 0;
  const cache = createTextCache(() => new Date(nowMs));
  return { cache, advance: (ms: number) => void (nowMs += ms) };
}

describe('the texts that the next step reads again', () => {
  it('are there for the same task of the same tenant only', () => {
    const { cache } = cacheAt();
    cache.put(REF, { input: 'hello' });
    expect(cache.get(REF, 'input')).toBe('hello');
    expect(cache.get({ ...REF, tenant: 'globex' }, 'input')).toBeUndefined();
    expect(cache.get({ ...REF, taskId: 'tsk_2' }, 'input')).toBeUndefined();
  });

  it('are forgotten after ten seconds, so that an erased text is gone from here too', () => {
    const { cache, advance } = cacheAt();
    cache.put(REF, { input: 'hello' });
    advance(9_999);
    expect(cache.get(REF, 'input')).toBe('hello');
    advance(1);
    expect(cache.get(REF, 'input')).toBeUndefined();
  });

  it('make room for newer ones, and are never large', () => {
    const { cache } = cacheAt();
    cache.put(REF, { large: 'x'.repeat(1_000_001) });
    expect(cache.get(REF, 'large')).toBeUndefined();
    for (let index = 0; index < 20; index += 1) cache.put(REF, { [`text-${index}`]: 'x'.repeat(1_000_000) });
    const kept = Array.from({ length: 20 }, (_, index) => cache.get(REF, `text-${index}`)).filter(Boolean);
    expect(kept).toHaveLength(16);
    expect(cache.get(REF, 'text-19')).toBeDefined();
  });
});
