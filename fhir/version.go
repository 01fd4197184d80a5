package fhir

import "slices"

func (e *entry) common() *entry { return e }

// newest keeps one of each resource that was sent more than once: the newest, or the first of equal ones. Versions that
// differ, of which nothing tells which is newer, are all left out.
func newest[E interface{ common() *entry }](r *reader, entries []E) []E {
	kept, conflicting := map[string]*entry{}, map[string]bool{}
	for _, e := range entries {
		this := e.common()
		other, again := kept[this.key]
		switch {
		case this.key == "" || !again:
			kept[this.key] = this
		case other.text == this.text:
		case newer(this, other):
			kept[this.key] = this
		case !newer(other, this):
			conflicting[this.key] = true
		}
	}
	return slices.DeleteFunc(entries, func(e E) bool {
		this := e.common()
		best := kept[this.key]
		switch {
		case this.key == "":
			return false
		case conflicting[this.key]:
			r.ignore(this.path, Conflicting, "it was sent in versions that differ, and nothing tells which is newer")
		case best == this:
			return false
		case best.text == this.text:
			r.ignore(this.path, Duplicate, "the same resource stands at "+best.path)
		default:
			r.ignore(this.path, Superseded, "a newer version stands at "+best.path)
		}
		return true
	})
}

func newer(a, b *entry) bool {
	first, unknown := readInstant(a.updated)
	second, alsoUnknown := readInstant(b.updated)
	return unknown == "" && alsoUnknown == "" && first.After(second)
}
