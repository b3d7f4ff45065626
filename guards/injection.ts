import type { Span } from './span';

/**
 * What attempts to give a model orders look like. Every repetition is bounded, so that no text makes a rule slow. Rules are soft
 * evidence: the defence is that untrusted text is marked and kept apart, and that nothing leaves without a permit.
 */
const RULES = {
  ignore_instructions:
    /\b(?:ignore|disregard|forget|overlook|bypass|override|skip|drop|stop following|(?:do not|don't) (?:follow|obey))\b[^.?!\n]{0,40}?\b(?:instructions?|directives?|directions|guidelines|prompts?|commands|(?:your|system|previous|prior|above|safety|those|these|all) (?:the )?(?:rules|orders|policy|programming|restrictions)|(?:you(?:'ve| have) been|you were) (?:told|instructed|taught|given|asked))\b/i,
  ignore_everything:
    /\b(?:ignore|disregard|forget|overlook)\b[^.?!\n]{0,12}?\b(?:every?thing|all|anything|what(?:ever)?)\b[^.?!\n]{0,20}?\b(?:above|before|prior|previous(?:ly)?|earlier|so far|until now|said|told|instructed|written)\b/i,
  ignore_instructions_translated:
    /\b(?:ignoriere?n?|missachte|vergiss|ignorez?|oubliez?|ignora|ignore|olvida|dimentica|esquece|ignorar)\b[^.?!\n]{0,40}?(?:anweisung|instruktion|vorgabe|instruction|consigne|instrucci|istruzion|instruç)/i,
  new_instructions:
    /\b(?:new|updated|real|actual|following)\s{1,3}(?:system\s{1,3})?(?:instructions?|prompt|directives?)\s{0,3}(?:are|is|:)/i,
  role_change:
    /\b(?:(?:pretend|imagine)\s{1,3}(?:that\s{1,3})?(?:you(?:'re|\s{1,3}are)\b|to\s{1,3}be\b)|act\s{1,3}as\s{1,3}(?:if\s{1,3}you|an?\s{1,3}(?:unrestricted|evil|different|hacker|admin|developer|linux|system|ai|assistant|chatbot|character))|you\s{1,3}are\s{1,3}now\s{1,3}(?:an?\s{1,3}(?:unrestricted|evil|different|new|ai|assistant|chatbot|bot|model)|in\s{1,3}[a-z]{1,20}\s{1,3}mode|free|dan\b)|from\s{1,3}now\s{1,3}on,?\s{1,3}you(?:'re| are|\s{1,3}will|\s{1,3}must)|let'?s\s{1,3}(?:role\s?-?play|play\s{1,3}a\s{1,3}game))/i,
  prompt_probe:
    /\b(?:reveal|show|print|repeat|output|display|tell|give|share|leak|expose|write|spell|translate|summari[sz]e|encode|say|what(?:'s| is| are| was| were))\b[^.?!\n]{0,40}?\b(?:(?:your|the|system|initial|original|hidden|secret|previous|above)\s{1,3}(?:\w{1,12}\s{1,3})?(?:prompts?|instructions|directives|guidelines)|system\s{1,3}(?:message|prompt)|secret\s{1,3}(?:key|code|word|password|phrase)|(?:text|words|everything)\s{1,3}above)\b/i,
  special_mode:
    /\b(?:(?:developer|debug|admin(?:istrator)?|god|maintenance|root|sudo|unrestricted|jailbreak)\s{1,3}mode|jailbr(?:ea|o)k\w{0,5}|do\s{1,3}anything\s{1,3}now|without\s{1,3}(?:any\s{1,3})?(?:restrictions|filters|censorship))\b/i,
  authority_claim:
    /\b(?:I(?:'m| am)\s{1,3}(?:your|the)\s{1,3}(?:developer|creator|programmer|administrator|admin|owner|maker)|as\s{1,3}an?\s{1,3}(?:AI|language model)\s{1,3}(?:developed|made|created|trained)\s{1,3}by|(?:entering|initiating|activating?|enabl(?:e|ing))\s{1,3}[^.?!\n]{0,30}?\b(?:mode|override)\b)/i,
  chat_markup:
    /<\|[a-z_]{2,20}\|>|\[\/?INST\]|<<\/?SYS>>|<\/?(?:system|assistant|instructions?|im_start|im_end)(?:[ _](?:mode|prompt|message))?>|^[ \t]{0,4}(?:#{1,4}\s{0,2})?(?:system|assistant)\s{0,2}(?:prompt|message)?\s{0,2}:/im,
  approval_demand:
    /\b(?:(?:auto(?:matically)?[\s-]{0,2})?approve\s{1,3}(?:this|my|the)\s{1,3}(?:refund|request|claim|invoice|payment|answer|task|draft)\s{1,3}(?:without|immediately|automatically|regardless)|(?:skip|no|without)\s{1,3}(?:human|manual)\s{1,3}(?:review|approval|check)|(?:mark|classify|treat|rate)\s{1,3}(?:this|it)\s{1,3}as\s{1,3}(?:approved|safe|verified|trusted|correct))\b/i,
  exfiltration: /!\[[^\]\n]{0,100}\]\(\s{0,3}https?:|\bdata:text\/html|<\s{0,3}(?:script|iframe|img)\b/i,
  encoded_payload: /(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{160,}={0,2}/,
} as const satisfies Readonly<Record<string, RegExp>>;

export type InjectionRule = keyof typeof RULES;

export interface InjectionMatch extends Span {
  readonly rule: InjectionRule;
}

/** Each rule that the text matches, once, where it does so first; in the order of the rules. Give it the normalised text. */
export function findInjection(text: string): InjectionMatch[] {
  const rules = Object.entries(RULES) as readonly [InjectionRule, RegExp][];
  return rules.flatMap(([rule, pattern]) => {
    const found = pattern.exec(text);
    return found === null ? [] : [{ rule, start: found.index, end: found.index + found[0].length }];
  });
}
