import type { Case } from '../trial';
import { crashingCases } from './crashing';
import { decidingCases } from './deciding';
import { keepingCases } from './keeping';
import { peopleCases } from './people';
import { recordingCases } from './recording';
import { silenceCases } from './silence';

/** Every case, in the order of the table. */
export const ALL_CASES: readonly Case[] = [
  ...decidingCases,
  ...crashingCases,
  ...silenceCases,
  ...peopleCases,
  ...keepingCases,
  ...recordingCases,
].sort((a, b) => a.number - b.number);
