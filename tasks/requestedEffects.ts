import type { EffectRequest } from '../contracts/digest';
import type { ResolvedTask } from './resolve';

/**
 * What a valid output asks of the outside world, in the order of the task type's effects. Part of the draft's digest, so
 * that a model's draft and a reviewer's correction have to be read by this one function.
 */
export function requestedEffects(
  { effects }: Pick<ResolvedTask, 'effects'>,
  { input, output }: { readonly input: unknown; readonly output: unknown },
): readonly EffectRequest[] {
  return effects.flatMap((effect) => {
    const asked = effect.request(input, output);
    return asked === null ? [] : [{ name: effect.name, arguments: asked }];
  });
}
