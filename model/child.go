package model

import (
	"slices"
	"strings"

	"github.com/medtech-detect/sepsis"
)

// Marks in the version of a model that was fitted to a site, as build metadata (Semantic Versioning 2.0.0, clause 10).
const (
	recalibrated = "recalibrated"
	adapted      = "adapted"
)

// FittedToSite tells whether anything was fitted to a site after the training: then no figure of the training holds.
func (p *Provenance) FittedToSite() bool { return len(p.Recalibrations)+len(p.Adaptations) > 0 }

// child is a copy of the bundle that is about to be fitted to a site. The figures of the parent are not those of the child.
func (b *Bundle) child(parent sepsis.ModelInfo, mark string, synthetic bool) *Bundle {
	child := *b
	child.Format = Format
	child.Version = withMark(b.Version, mark)
	child.Provenance.Synthetic = b.Provenance.Synthetic || synthetic
	if b.Evidence != nil {
		child.Evidence, child.ParentEvidence, child.Parent = nil, b.Evidence, &parent
	}
	return &child
}

// withMark adds build metadata to a version, unless it is there.
func withMark(version, mark string) string {
	release, metadata, _ := strings.Cut(version, "+")
	marks := strings.FieldsFunc(metadata, func(r rune) bool { return r == '.' })
	if slices.Contains(marks, mark) {
		return version
	}
	return release + "+" + strings.Join(append(marks, mark), ".")
}
