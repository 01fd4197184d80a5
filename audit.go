package sepsis

import (
	"context"
	"errors"
	"time"
)

// ErrNotFound says that a store does not hold what was asked for.
var ErrNotFound = errors.New("not found")

// MaxTold is how many outcomes, and how much feedback, a prediction may have.
const MaxTold = 100

// ErrFull says that a prediction has as many outcomes, or as much feedback, as it may have.
var ErrFull = errors.New("a prediction has been told of too often")

// ErrBusy says that so many read a store, or tell it of predictions, already that there was no place for one more in time.
var ErrBusy = errors.New("too many use the store at once")

// ErrTraces says that records are erased, and cannot be found any more, but that the store's files may still hold traces of them.
var ErrTraces = errors.New("traces of what was erased may be left in the files of the store")

// Record is one answered prediction, as the audit log keeps it.
type Record struct {
	ID          string    // of the answer: a ULID whose time is Time
	Time        time.Time // when the request came in, by the clock of the service: UTC, whole milliseconds
	Caller      string    // who asked: the name of a Principal
	Route       string    // by which door, such as "POST /predict/patient"
	Patient     string    // patient_id under a keyed hash, or as sent when inputs are kept in full; empty when none was sent
	Model       ModelInfo
	InputSHA256 string // of the body of the request, in a batch of the patient's own bytes, in a CDS Hooks call without its token; in hexadecimal
	Input       []byte // what InputSHA256 is of; nil unless inputs are kept in full
	Output      []byte // the answer as JSON, without patient_id
	Risk        Risk   // the answer's numbers, for monitoring
	Reliability ReliabilityLevel
	Latency     time.Duration // from the request's arrival until the answer was ready to be recorded
	// Hypothetical says that it is not of a patient as they are: a what-if, an invented patient, a test. Monitoring leaves it out.
	Hypothetical bool
	Shadow       *ShadowRisk // what a second model would have said; nil when none runs
}

// AuditCounts is what became of the records since the service started.
type AuditCounts struct {
	Recorded int64 // are in the store
	Waiting  int64 // will be, at present
	Lost     int64 // will never be, although their predictions were given
	Refused  int64 // were not written in time, so that no prediction was given; neither recorded nor lost
	// LastLoss is when Lost last rose; the zero time unless it did.
	LastLoss time.Time
	// FailingSince is the zero time unless the last attempt to write failed.
	FailingSince time.Time
}

// ShadowRisk is what a model that runs beside the answering one would have said. It is recorded and never answered.
type ShadowRisk struct {
	Model       ModelInfo
	Probability float64
	Label       Label
}

// Outcome is what turned out to be true of a prediction.
type Outcome struct {
	Prediction string    // the ID of a Record
	Time       time.Time // when it was told: UTC, whole milliseconds
	Caller     string
	Septic     bool     // whether sepsis set in within the hours that the prediction foresees, or was there already
	OnsetHours *float64 // hours from the prediction until onset, negative when it was before; nil if not known or not septic
}

// Feedback is what a clinician did with a decision support card.
type Feedback struct {
	Prediction string    // the ID of a Record, which is also that of its card
	Time       time.Time // when it was told: UTC, whole milliseconds
	Caller     string
	Accepted   bool
	Reason     string // code of the override reason; empty if none was given
	Comment    string // the clinician's own words; empty if none were given
}

// AuditQuery chooses records. The zero value chooses all, as does each zero field; a time is one that was stated, whichever it is.
type AuditQuery struct {
	From, To    *time.Time // From is included, To is not; whole milliseconds
	Caller      string
	Patient     string // as stored
	Label       Label
	Alert       *bool
	ModelSHA256 string
	// Hypothetical chooses only hypothetical records, or only the others; nil for both.
	Hypothetical *bool
	Told         bool   // only records of which an outcome was told
	Before       string // only records with a smaller ID: the cursor, because the newest come first
	Limit        int    // at most so many; 0 for all
	Brief        bool   // leave out Input and Output, which may be long
}

// AuditLog keeps predictions and what became of them. Implementations are safe for concurrent use. What a method has
// accepted survives a crash of the process and of the machine.
type AuditLog interface {
	// Append adds records, all or none. One whose ID is there already is left as it is, so that a doubtful Append
	// can be tried again.
	Append(ctx context.Context, records []Record) error
	// Record finds one by its ID, or gives ErrNotFound.
	Record(ctx context.Context, id string) (Record, error)
	// Records calls yield for each chosen record, the greatest ID and so the newest first, until yield returns an error,
	// which is returned.
	Records(ctx context.Context, query AuditQuery, yield func(Record) error) error
	// AddOutcome keeps an outcome, and gives the one that is kept; ErrNotFound if there is no such prediction, ErrFull if it has
	// MaxTold already. Earlier ones stay; the latest counts. What the same caller told last is kept once, with its first time.
	AddOutcome(ctx context.Context, outcome Outcome) (Outcome, error)
	// Outcomes are those of one prediction, in the order in which they were told.
	Outcomes(ctx context.Context, prediction string) ([]Outcome, error)
	// OutcomesFrom calls yield for the outcomes of each prediction with this ID or a greater one, in the order of the IDs and
	// for each in the order in which they were told, until yield returns an error, which is returned.
	OutcomesFrom(ctx context.Context, prediction string, yield func(Outcome) error) error
	// AddFeedback keeps feedback, with the same bound and the same errors; what the same caller told last is kept once.
	AddFeedback(ctx context.Context, feedback Feedback) error
	// Feedback is that of one prediction, in the order in which it was given.
	Feedback(ctx context.Context, prediction string) ([]Feedback, error)
	// Erase deletes the records before a time, with their outcomes and feedback, and tells how many records. It goes
	// in small steps, so that others can write in between; after an error, part is erased. After ErrTraces all of it is, and
	// another call, also one that finds nothing more to erase, tries again to remove the traces.
	Erase(ctx context.Context, before time.Time) (int64, error)
	// KeepOnce keeps a value under a name unless one is kept there already, and gives the one that is kept.
	KeepOnce(ctx context.Context, name, value string) (string, error)
	// Kept gives what KeepOnce keeps under a name, or ErrNotFound.
	Kept(ctx context.Context, name string) (string, error)
	// Check tells whether the store can be written at present. It writes.
	Check(ctx context.Context) error
	// Close waits for writes under way.
	Close() error
}
