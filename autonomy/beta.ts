/** A Beta distribution on [0, 1]: `alpha` and `beta` are above 0, and their sum is what it weighs, in items. */
export interface Beta {
  readonly alpha: number;
  readonly beta: number;
}

/** Lanczos' approximation with g = 7 and nine terms, good to about 15 digits. */
const LANCZOS_G = 7;
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const PRECISION = 1e-15;
/** Stands in for a zero divisor of the continued fraction. */
const TINY = 1e-300;
const MAX_TERMS = 10_000;
/** Enough halvings of [0, 1] to leave nothing between two neighbouring numbers. */
const HALVINGS = 1_100;

export function betaMean({ alpha, beta }: Beta): number {
  return alpha / (alpha + beta);
}

/** The natural logarithm of the gamma function, for x > 0 (Lanczos, 1964). */
function lnGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
  const series = LANCZOS.reduce((sum, term, at) => sum + (at === 0 ? term : term / (x - 1 + at)), 0);
  const shifted = x - 0.5 + LANCZOS_G;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(shifted) - shifted + Math.log(series);
}

/** The natural logarithm of the beta function B(alpha, beta). Throws a RangeError for a parameter that is not above 0. */
export function lnBeta({ alpha, beta }: Beta): number {
  assertBeta({ alpha, beta });
  return lnGamma(alpha) + lnGamma(beta) - lnGamma(alpha + beta);
}

/**
 * P(X ≤ x): the regularized incomplete beta function, by its continued fraction (NIST Digital Library of Mathematical
 * Functions 8.17.22), evaluated as Lentz did. Good to about 13 digits for parameters up to 10,000. Throws a RangeError for an x
 * outside [0, 1] and for a parameter that is not above 0.
 */
export function betaCdf(x: number, { alpha, beta }: Beta): number {
  assertBeta({ alpha, beta });
  if (!(x >= 0 && x <= 1)) throw new RangeError(`a Beta distribution has no probability at ${x}: give x in [0, 1]`);
  if (x === 0 || x === 1) return x;
  // The fraction converges fast below the mean; above it, the other tail is the one below its mean.
  if (x > (alpha + 1) / (alpha + beta + 2)) return 1 - betaCdf(1 - x, { alpha: beta, beta: alpha });
  const lnFront = alpha * Math.log(x) + beta * Math.log1p(-x) - lnBeta({ alpha, beta });
  return Math.exp(lnFront) / (alpha * continuedFraction(x, { alpha, beta }));
}

/** 1 + d₁/(1 + d₂/(1 + …)), by the modified method of Lentz. */
function continuedFraction(x: number, { alpha, beta }: Beta): number {
  let numerator = 1;
  let denominator = 0;
  let fraction = 1;
  for (let term = 1; term <= MAX_TERMS; term++) {
    const partial = partialNumerator(term, { x, alpha, beta });
    denominator = 1 / awayFromZero(1 + partial * denominator);
    numerator = awayFromZero(1 + partial / numerator);
    fraction *= numerator * denominator;
    if (Math.abs(numerator * denominator - 1) < PRECISION) break;
  }
  return fraction;
}

function partialNumerator(term: number, { x, alpha, beta }: Beta & { x: number }): number {
  const half = Math.floor(term / 2);
  if (term % 2 === 0) return (half * (beta - half) * x) / ((alpha + 2 * half - 1) * (alpha + 2 * half));
  return (-(alpha + half) * (alpha + beta + half) * x) / ((alpha + 2 * half) * (alpha + 2 * half + 1));
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/**
 * The x at which P(X ≤ x) = `probability`, by bisection: sure to end, and fast enough for what is asked once a screen. Throws
 * a RangeError for a probability outside [0, 1] and for a parameter that is not above 0.
 */
export function betaQuantile(probability: number, beta: Beta): number {
  assertBeta(beta);
  if (!(probability >= 0 && probability <= 1))
    throw new RangeError(`there is no quantile at ${probability}: give a probability in [0, 1]`);
  if (probability === 0 || probability === 1) return probability;
  let low = 0;
  let high = 1;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (betaCdf(middle, beta) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function assertBeta({ alpha, beta }: Beta): void {
  if (!(alpha > 0 && beta > 0 && Number.isFinite(alpha + beta)))
    throw new RangeError(`Beta(${alpha}, ${beta}) is no distribution: both parameters are above 0 and finite`);
}
