/** The search attributes that a namespace needs, all keywords; a test holds them in step with contracts/words/names.ts. */
export const SEARCH_ATTRIBUTES = [
  'CountersignType',
  'CountersignClass',
  'CountersignStatus',
  'CountersignReason',
  'CountersignQueue',
  'CountersignTenant',
];
