package evaluate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/model"
)

// progress tells how far a study has come.
type progress func(stage string, done, total int)

// Evaluation is a plan of what to find out about a training recipe on a cohort.
type Evaluation struct {
	Names  []string // of the cohort's files
	Digest string   // of all stays in them
	Sample int      // stays of each hospital that Stays gives at most; 0: all
	Seed   uint64
	// Resamples is the number of bootstrap draws of an interval, at least [MinResamples]; [Resamples] if 0.
	Resamples int
	Threads   int // for training; the figures use all processors
	Options   model.Options
	Studies   []string // by name; all but [ServedStudy] if empty
	// Adaptations are variants of the transfers beside [AsIs].
	Adaptations []Adaptation
	// Extra are further studies, run after the others.
	Extra []Study
	// Program identifies what computes: a result that another program has computed is not taken from the cache.
	Program string
	Origin  Origin // written into the report; no result depends on it
	Cache   Cache
	// Stays reads the cohort. It is called once at most, and not at all when everything is in the cache.
	Stays func(ctx context.Context) ([]sepsis.LabelledStay, error)
	// Progress is called from one goroutine at a time; it may be nil. The study comes with its number among those that
	// were asked for, as "3/8 degraded".
	Progress func(study, stage string, done, total int)
}

// Study is one unit of work whose result is kept.
type Study struct {
	Name string
	// Inputs are all that the result depends on beside what every study depends on: data, sample, seed and
	// recipe. They are written as JSON.
	Inputs any
	// Method says how the result was made, if nothing else in the report does. The result does not depend on it.
	Method string
	// Run gives a value whose JSON has fields of [Report], and fills only those.
	Run func(ctx context.Context, stays []sepsis.LabelledStay) (any, error)
}

// The studies, in the order in which they run.
const (
	dataStudy        = "data"
	homeStudy        = "home"
	degradedStudy    = "degraded"
	reliabilityStudy = "reliability"
	transferStudy    = "transfer"
	ablationStudy    = "ablation"
	hoursStudy       = "hours"
)

// FamiliesStudy is the study of other kinds of model. The plan has none of its own: it is one of the Extra, or was not run.
const FamiliesStudy = "families"

// WithoutForecasts names the family that is the first one, told nothing of the hours to come.
const WithoutForecasts = "boosting without forecasts"

// WithoutNetwork names the family that is the trees of the first one, without the network that answers beside them.
const WithoutNetwork = "boosting without a network"

// StudyNames are the studies that a plan has of its own, in the order in which they run.
func StudyNames() []string {
	var names []string
	for _, study := range (&Evaluation{}).studies() {
		names = append(names, study.Name)
	}
	return names
}

// Run carries out what is not in the cache, and puts the report together. The same plan gives the same report,
// cached or not, with any number of threads.
func (e *Evaluation) Run(ctx context.Context) (*Report, error) {
	studies, err := e.chosen()
	if err != nil {
		return nil, err
	}
	if draws := e.bootstrap().resamples; draws < MinResamples {
		return nil, fmt.Errorf("evaluate: %d resamples: at least %d are needed, so that 2.5 %% of the draws lie beyond each end of an interval; 0 takes the usual %d", draws, MinResamples, Resamples)
	}
	if draws := e.bootstrap().resamples; draws > maxResamples {
		return nil, fmt.Errorf("evaluate: %d resamples: at most %d can be held", draws, maxResamples)
	}
	report := &Report{Format: ReportFormat, Origin: e.Origin, Methods: methods(e.bootstrap().resamples), NotRun: e.notRun(studies)}
	if report.Options, err = e.settings(); err != nil {
		return nil, err
	}
	read := sync.OnceValues(func() ([]sepsis.LabelledStay, error) { return e.read(ctx) })
	for _, study := range studies {
		result, err := e.result(ctx, study, read)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(result, report); err != nil {
			return nil, fmt.Errorf("evaluate: result of %q: %w", study.Name, err)
		}
		if study.Method != "" {
			report.Methods = append(report.Methods, Method{study.Name, study.Method})
		}
	}
	report.fillHomeMethod()
	report.fillHomeUtility()
	return report, e.Cache.prune(e.Program)
}

// read reads the cohort, and refuses what nothing sound can be said of, whichever study asks for it first.
func (e *Evaluation) read(ctx context.Context) ([]sepsis.LabelledStay, error) {
	stays, err := e.Stays(ctx)
	if err != nil {
		return nil, err
	}
	if err := model.CheckCohort(stays); err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	return stays, nil
}

// notMeasured is the result of a study that the stays are too few for. It is kept as any other.
type notMeasured struct {
	NotMeasured map[string]string `json:"not_measured"`
}

// result takes a study's result from the cache, or carries it out and keeps it. That the stays are too few for it is a result, too.
func (e *Evaluation) result(ctx context.Context, study Study, read func() ([]sepsis.LabelledStay, error)) (json.RawMessage, error) {
	key := e.key(study)
	if kept, err := e.Cache.find(key); kept != nil || err != nil {
		return kept, err
	}
	stays, err := read()
	if err != nil {
		return nil, err
	}
	found, err := study.Run(ctx, stays)
	if _, little := errors.AsType[*model.TooLittleError](err); little {
		found, err = notMeasured{map[string]string{study.Name: err.Error()}}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("study %q: %w", study.Name, err)
	}
	result, err := json.Marshal(found)
	if err != nil {
		return nil, fmt.Errorf("study %q: %w", study.Name, err)
	}
	return result, e.Cache.keep(key, result)
}

// key is all that a study's result depends on.
func (e *Evaluation) key(study Study) cacheKey {
	return cacheKey{Study: study.Name, Program: e.Program, Inputs: struct {
		Format, Sample, Resamples int
		Digest                    string
		Names                     []string
		Seed                      uint64
		Options                   model.Options
		Own                       any
	}{ReportFormat, e.Sample, e.bootstrap().resamples, e.Digest, e.Names, e.Seed, e.Options, study.Inputs}}
}

// chosen are the studies that were asked for, the description of the data first.
func (e *Evaluation) chosen() ([]Study, error) {
	all := append(e.studies(), e.Extra...)
	var known []string
	for _, study := range all {
		known = append(known, study.Name)
	}
	for _, name := range e.Studies {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("no study is called %q: choose from %s", name, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(all, func(study Study) bool {
		if len(e.Studies) == 0 {
			return study.Name == ServedStudy
		}
		return study.Name != dataStudy && !slices.Contains(e.Studies, study.Name)
	}), nil
}

// notRun names the studies that were not asked for.
func (e *Evaluation) notRun(chosen []Study) []string {
	all := append(e.studies(), e.Extra...)
	if !slices.ContainsFunc(e.Extra, func(s Study) bool { return s.Name == FamiliesStudy }) {
		all = append(all, Study{Name: FamiliesStudy})
	}
	var missing []string
	for _, study := range all {
		if !slices.ContainsFunc(chosen, func(s Study) bool { return s.Name == study.Name }) {
			missing = append(missing, study.Name)
		}
	}
	return missing
}

// studies are the plan's own. Those that need the same training share it; it is dropped when the last of them is
// done, because trees, features and predictions of a whole cohort fill the memory.
func (e *Evaluation) studies() []Study {
	shared := &sharedTraining{evaluation: e}
	var adaptations []any
	for _, a := range e.Adaptations {
		adaptations = append(adaptations, a.Name+": "+a.Description)
		if a.Recipe != nil {
			adaptations = append(adaptations, a.Recipe(e.Options))
		}
	}
	return []Study{
		{Name: dataStudy, Run: func(_ context.Context, stays []sepsis.LabelledStay) (any, error) {
			return struct {
				Data Data `json:"data"`
			}{e.describe(stays)}, nil
		}},
		{Name: homeStudy, Run: shared.home},
		{Name: degradedStudy, Run: shared.degraded},
		{Name: reliabilityStudy, Run: shared.reliability},
		{Name: transferStudy, Inputs: adaptations, Run: func(ctx context.Context, stays []sepsis.LabelledStay) (any, error) {
			shared.drop()
			return e.transfers(ctx, stays, e.report(transferStudy))
		}},
		{Name: ablationStudy, Run: shared.ablation},
		{Name: hoursStudy, Run: shared.hours},
		{Name: ServedStudy, Run: shared.served},
	}
}

// bootstrap is how intervals are made.
func (e *Evaluation) bootstrap() bootstrap { return bootstrap{e.Seed, cmp.Or(e.Resamples, Resamples)} }

func (e *Evaluation) report(study string) progress {
	if e.Progress == nil {
		return func(string, int, int) {}
	}
	numbered := e.numbered(study)
	return func(stage string, done, total int) { e.Progress(numbered, stage, done, total) }
}

// numbered is a study's name with its place among those that were asked for.
func (e *Evaluation) numbered(name string) string {
	chosen, err := e.chosen()
	if err != nil {
		return name
	}
	place := slices.IndexFunc(chosen, func(s Study) bool { return s.Name == name })
	return fmt.Sprintf("%d/%d %s", place+1, len(chosen), name)
}

// training is the full recipe on some stays.
func (e *Evaluation) training(stays []sepsis.LabelledStay, report progress) model.Training {
	return model.Training{
		Stays: stays, Name: "evaluation", Version: "0", Seed: e.Seed, Threads: e.Threads, Options: e.Options,
		Progress: func(p model.Progress) { report(p.Stage, p.Done, p.Total) },
	}
}

func (e *Evaluation) settings() (Settings, error) {
	full, err := json.Marshal(e.Options)
	quick, err2 := json.Marshal(Quick(e.Options))
	variants, err3 := e.variants()
	if err := errors.Join(err, err2, err3); err != nil {
		return Settings{}, fmt.Errorf("evaluate: %w", err)
	}
	return Settings{Seed: e.Seed, Resamples: e.bootstrap().resamples, Training: full, Quick: quick, QuickFold: quickFolds, Variants: variants}, nil
}

// describe counts the cohort.
func (e *Evaluation) describe(stays []sepsis.LabelledStay) Data {
	d := Data{Names: e.Names, Digest: e.Digest, Sample: e.Sample, Stays: len(stays)}
	hospitals := map[string]*Hospital{}
	for i := range stays {
		s := &stays[i]
		d.Synthetic = d.Synthetic || challenge.IsSynthetic(s.Hospital)
		if hospitals[s.Hospital] == nil {
			hospitals[s.Hospital] = &Hospital{Name: s.Hospital}
		}
		hospitals[s.Hospital].count(s)
	}
	for _, name := range sortedKeys(hospitals) {
		h := hospitals[name]
		d.Hospitals = append(d.Hospitals, *h)
		d.SepticStays, d.Hours, d.SepticHours = d.SepticStays+h.SepticStays, d.Hours+h.Hours, d.SepticHours+h.SepticHours
	}
	return d
}

func (h *Hospital) count(s *sepsis.LabelledStay) {
	h.Stays++
	h.Hours += len(s.Observations)
	if s.Septic() {
		h.SepticStays++
	}
	for _, label := range s.Labels {
		if label {
			h.SepticHours++
		}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// fillHomeMethod says how the figures at home were made of these stays.
func (r *Report) fillHomeMethod() {
	if r.AtHome == nil {
		return
	}
	for i := range r.Methods {
		if r.Methods[i].Part == atHomePart {
			r.Methods[i].Text = r.AtHome.Method
		}
	}
}

// fillHomeUtility puts beside each transfer what the same hospital has in cross-validation on all.
func (r *Report) fillHomeUtility() {
	if r.AtHome == nil {
		return
	}
	for i := range r.Transfers {
		for _, g := range r.AtHome.Groups {
			if g.Name == r.Transfers[i].To {
				r.Transfers[i].HomeUtility = g.Utility
			}
		}
	}
}
