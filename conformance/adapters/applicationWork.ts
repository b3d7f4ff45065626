/** Why none of the three peers, each a library for durable programs, expresses these cases: for each, what it has no notion of. */
export const APPLICATION_WORK: Readonly<Record<number, string>> = {
  9: 'no preconditions of an approval: the application would check again and return to the person by itself',
  16: 'no assignee of what waits',
  19: 'it does not know who asks',
  20: 'it does not know who asks; counting different people is the application’s',
  21: 'no roles of those who decide',
  22: 'no claims',
  23: 'no claims',
  24: 'no claims',
  32: 'its record is plain rows without a seal',
  33: 'no tenants',
  34: 'what a person sees is the application’s; nothing is masked',
  36: 'no budget',
  39: 'it sends no notifications',
  40: 'no window in which a decision can be taken back',
  41: 'it does not know who asks',
  42: 'no decisions in bulk',
};
