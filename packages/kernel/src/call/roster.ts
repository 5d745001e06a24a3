// A collection of what is going on: whoever enters leaves by the entry that it got. A Set does the same and hashes each
// member twice, which a small call would pay several times over.

/** A place in a {@link Roster}. */
export interface RosterEntry {
  /** Takes the member out; once is enough. */
  leave(): void
}

/** See the file's head. Iterates in the order in which members came. */
export class Roster<Member> implements Iterable<Member> {
  readonly #ends = new Link<Member | undefined>(undefined)

  add(member: Member): RosterEntry {
    return new Link<Member | undefined>(member).before(this.#ends)
  }

  /** Those that leave meanwhile are not seen, nor are those that come. */
  *[Symbol.iterator](): Generator<Member> {
    for (const link of this.#links()) if (link.isIn) yield link.member as Member
  }

  /** Takes out those of which `isOut` says so. */
  takeOut(isOut: (member: Member) => boolean): Member[] {
    const out: Member[] = []
    for (const link of this.#links()) {
      const member = link.member as Member
      if (!isOut(member)) continue
      link.leave()
      out.push(member)
    }
    return out
  }

  clear(): void {
    for (const link of this.#links()) link.leave()
  }

  #links(): Link<Member | undefined>[] {
    const links: Link<Member | undefined>[] = []
    for (let link = this.#ends.next; link !== this.#ends; link = link.next) links.push(link)
    return links
  }
}

class Link<Member> implements RosterEntry {
  readonly member: Member
  next: Link<Member> = this
  previous: Link<Member> = this
  isIn = true

  constructor(member: Member) {
    this.member = member
  }

  before(next: Link<Member>): this {
    const { previous } = next
    this.next = next
    this.previous = previous
    previous.next = next.previous = this
    return this
  }

  leave(): void {
    if (!this.isIn) return
    this.isIn = false
    this.previous.next = this.next
    this.next.previous = this.previous
    // Whoever still holds it must not hold those that came after.
    this.next = this.previous = this
  }
}
