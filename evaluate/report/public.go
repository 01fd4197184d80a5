package report

import (
	"fmt"

	"github.com/medtech-detect/sepsis/evaluate"
)

// publicSource is where the counts of what the Challenge published come from.
const publicSource = "Reyna et al. 2020, doi:10.1097/CCM.0000000000004145"

// publicPart tells how many of the stays that the Challenge published are in the cohort; nothing if it is of other hospitals.
func publicPart(r *evaluate.Report) string {
	public, _ := r.Data.Published()
	switch {
	case !r.Data.OfChallenge():
		return ""
	case r.Data.Stays == public:
		return fmt.Sprintf("These are all %s stays that the Challenge published (%s).", count(public), publicSource)
	}
	var parts []string
	for i := range r.Data.Hospitals {
		h := &r.Data.Hospitals[i]
		of, _ := h.Published()
		parts = append(parts, fmt.Sprintf("%s of %s of %s", count(h.Stays), count(of), h.Name))
	}
	return fmt.Sprintf("These are not all stays that the Challenge published, but %s of %s, %s (%s): %s.",
		count(r.Data.Stays), count(public), share(r.Data.Stays, public), publicSource, join(parts))
}

// withheld tells how many of the stays that the Challenge published are not in the cohort; nothing if all are, or none is its.
func withheld(r *evaluate.Report) string {
	public, _ := r.Data.Published()
	if !r.Data.OfChallenge() || r.Data.Stays == public {
		return ""
	}
	return fmt.Sprintf("%s stays that the Challenge published, %s, are not among these: nothing was trained on them, and no figure is of them.",
		count(public-r.Data.Stays), share(public-r.Data.Stays, public))
}

// after is a sentence that follows another one, if there is any.
func after(sentence string) string {
	if sentence == "" {
		return ""
	}
	return " " + sentence
}

// publicPart puts what is public beside what was used.
func (p *cardPage) publicPart(r *evaluate.Report) {
	if part := publicPart(r); part != "" {
		p.paragraph("%s%s", part, after(withheld(r)))
	}
}
