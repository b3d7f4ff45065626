import { DRAFTING_SECONDS, PEOPLE, POLICY, SUBMITTER } from './simulatedReview';

/** What is known of a review by the words of the design alone. Written apart from the rules that it is compared with. */
export class ReferenceReview {
  now = 0;
  round = 1;
  digest = 'draft 1';
  outcome: string | null = null;
  deliveries = 0;
  approvedBy = new Set<string>();
  decided: { readonly by: string; readonly action: string; readonly until: number; readonly digest: string } | null =
    null;
  claim: { readonly by: string; readonly until: number } | null = null;
  askedAt: number | null = null;
  unread = 0;
  leadsMayDecide = false;
  readonly climbed: string[] = [];
  private readonly decidedEarlier = new Set<string>();
  private pausedSeconds = 0;
  private draftedAt: number | null = null;
  /** When people were given the review back. */
  private givenBackAt: number | null = null;

  /** Seconds after the opening at which each rung comes, those that are climbed taken off. */
  private readonly rungs = [
    { name: 'remind', at: 60 },
    { name: 'widen', at: 120 },
    { name: 'overdue', at: 180 },
    { name: 'fall_back', at: 240 },
  ];

  holder(): string | null {
    return this.claim && this.claim.until > this.now ? this.claim.by : null;
  }

  claimed(person: string): string | null {
    const no = this.closedFor(person) ?? this.heldFrom(person);
    if (no) return no;
    if (person === SUBMITTER) return 'own_task';
    if (this.approvedBy.has(person)) return 'already_approved_by_you';
    this.claim = { by: person, until: this.now + POLICY.leaseSeconds };
    return null;
  }

  released(person: string): string | null {
    const isLead = rolesOf(person).includes('lead');
    const no = this.closedFor(person) ?? (isLead ? null : this.heldFrom(person));
    if (no) return no;
    if (isLead ? this.holder() === null : this.holder() !== person) return 'not_claimed';
    this.claim = null;
    return null;
  }

  decision(person: string, action: string, digest: string): string | null {
    const no = this.closedFor(person);
    if (no) return no;
    if (digest !== this.digest) return 'stale_digest';
    if (person === SUBMITTER) return 'own_task';
    const held = this.heldFrom(person);
    if (held) return held;
    if (action === 'approve') {
      if (this.approvedBy.has(person)) return 'already_approved_by_you';
      // Two people, one of them an approver: the last free place is the approver's.
      const isLastPlace = this.approvedBy.size >= 1 && !this.hasApprover();
      if (isLastPlace && !isApprover(person)) return 'role_required';
    }
    if (action === 'revise' && this.round >= POLICY.maxRounds) return 'rounds_exhausted';
    this.take(person, action);
    return null;
  }

  undone(person: string): string | null {
    if (!mayDecide(person)) return 'role_required';
    if (this.decided) {
      if (this.decided.by !== person && !rolesOf(person).includes('lead')) return 'not_your_decision';
      if (this.outcome !== null || this.decided.until <= this.now) return 'too_late';
      this.decided = null;
      this.givenBackAt = this.now;
      return null;
    }
    if (this.outcome !== null) return 'task_ended';
    if (this.approvedBy.has(person)) {
      // The draft that it approved is being replaced.
      if (this.draftedAt !== null) return 'too_late';
      this.approvedBy.delete(person);
      this.givenBackAt = this.now;
      return null;
    }
    return this.decidedEarlier.has(person) ? 'too_late' : 'not_decided';
  }

  question(person: string): string | null {
    const no = this.closedFor(person) ?? this.heldFrom(person);
    if (no) return no;
    if (this.round >= POLICY.maxRounds) return 'rounds_exhausted';
    this.claim = null;
    this.askedAt = this.now;
    this.pausedFrom ??= this.now;
    if (this.unread > 0) this.answerTaken();
    return null;
  }

  answer(): string | null {
    if (this.outcome !== null) return 'task_ended';
    this.unread += 1;
    if (this.askedAt !== null && this.decided === null) this.answerTaken();
    return null;
  }

  cancelled(): string | null {
    if (this.outcome !== null) return 'task_ended';
    this.outcome = 'cancelled';
    return null;
  }

  /** Lets time pass, second by second: nothing of the design needs a finer clock. */
  pass(seconds: number): void {
    for (let second = 0; second < seconds; second += 1) {
      this.now += 1;
      if (this.outcome === null) this.tick();
    }
  }

  private pausedFrom: number | null = null;

  private tick(): void {
    if (this.draftedAt !== null) {
      if (this.draftedAt > this.now) return;
      this.nextRound(null);
    }
    if (this.decided) {
      if (this.decided.until <= this.now) this.conclude(this.decided);
      return;
    }
    if (this.askedAt !== null) {
      if (this.now - this.askedAt >= POLICY.callerWaitSeconds) this.questionOver();
      return;
    }
    while (this.outcome === null && this.rungs[0] && this.dueAt(this.rungs[0]) <= this.now) this.climb();
  }

  /** Nobody is given back what falls back before they could look at it. */
  private dueAt({ name, at }: { readonly name: string; readonly at: number }): number {
    const planned = at + this.pausedSeconds;
    if (name !== 'fall_back' || this.givenBackAt === null) return planned;
    return Math.max(planned, this.givenBackAt + POLICY.givenBackSeconds);
  }

  private climb(): void {
    const rung = this.rungs.shift();
    if (!rung) return;
    this.climbed.push(rung.name);
    if (rung.name === 'widen') this.leadsMayDecide = true;
    if (rung.name !== 'fall_back') return;
    this.deliveries += 1;
    this.outcome = 'fell_back';
  }

  private take(person: string, action: string): void {
    this.claim = null;
    const people = new Set([...this.approvedBy, person]);
    const isEnough = people.size >= 2 && [...people].some(isApprover);
    if (action === 'approve' && !isEnough) {
      this.approvedBy.add(person);
      return;
    }
    if (this.askedAt !== null) this.questionOver();
    const digest = action === 'correct' ? `correction at ${this.now * 1000} by ${person}` : this.digest;
    this.decided = { by: person, action, until: this.now + POLICY.undoSeconds, digest };
  }

  private conclude({ by, action, digest }: NonNullable<typeof this.decided>): void {
    this.decidedEarlier.add(by);
    if (action === 'decline') this.outcome = 'declined';
    else if (action === 'approve') {
      this.deliveries += 1;
      this.outcome = 'approve';
    } else if (action === 'correct') this.nextRound({ digest, by });
    else this.beginDraft();
  }

  private nextRound(correction: { readonly digest: string; readonly by: string } | null): void {
    this.round += 1;
    this.decided = null;
    this.claim = null;
    this.approvedBy = new Set(correction ? [correction.by] : []);
    this.digest = correction?.digest ?? `draft ${this.round}`;
    this.draftedAt = null;
    this.givenBackAt = this.now;
  }

  /** With everything that the caller has said until now. */
  private beginDraft(): void {
    this.unread = 0;
    this.claim = null;
    this.draftedAt = this.now + DRAFTING_SECONDS;
  }

  private answerTaken(): void {
    this.questionOver();
    this.beginDraft();
  }

  private questionOver(): void {
    this.askedAt = null;
    if (this.pausedFrom !== null) this.pausedSeconds += this.now - this.pausedFrom;
    this.pausedFrom = null;
  }

  private closedFor(person: string): string | null {
    if (!mayDecide(person)) return 'role_required';
    if (this.decided) return 'already_decided';
    if (this.outcome === 'fell_back') return 'already_decided';
    if (this.outcome !== null) return 'task_ended';
    return this.draftedAt === null ? null : 'stale_digest';
  }

  private heldFrom(person: string): string | null {
    const holder = this.holder();
    return holder !== null && holder !== person ? 'claimed_by_other' : null;
  }

  private hasApprover(): boolean {
    return [...this.approvedBy].some(isApprover);
  }
}

function rolesOf(person: string) {
  return PEOPLE[person] ?? [];
}

function isApprover(person: string): boolean {
  return rolesOf(person).includes('approver');
}

function mayDecide(person: string): boolean {
  return rolesOf(person).some((role) => role === 'reviewer' || role === 'approver' || role === 'lead');
}
