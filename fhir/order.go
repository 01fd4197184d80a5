package fhir

import (
	"cmp"
	"slices"
	"strings"

	"github.com/medtech-detect/sepsis"
)

// order is where each resource stands among those that were sent, by its path.
type order map[string]int

// of is the place of an element: that of the resource that it is in, or before all when it is in none.
func (o order) of(path string) int {
	for path != "" {
		if place, found := o[path]; found {
			return place
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return -1
}

// arrange puts findings into the order of the resources. Those of one resource keep the order in which they were found.
func (r *reader) arrange(input *Input) {
	places := order{}
	for i := range input.Resources {
		places[input.Resources[i].Path] = i
	}
	slices.SortStableFunc(r.Problems, func(a, b sepsis.Problem) int { return cmp.Compare(places.of(a.Location), places.of(b.Location)) })
	slices.SortStableFunc(r.Ignored, func(a, b Ignored) int { return cmp.Compare(places.of(a.Path), places.of(b.Path)) })
	slices.SortStableFunc(r.Warnings, func(a, b sepsis.Warning) int { return cmp.Compare(places.of(a.Location), places.of(b.Location)) })
}
