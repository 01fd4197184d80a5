package sepsis

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"
)

// Role is what a caller may do.
type Role string

// The roles. An administrator may do all that the others may, and an auditor what Prometheus may; else none includes another.
const (
	PredictRole Role = "predict" // ask for predictions, and tell outcomes and feedback
	MetricsRole Role = "metrics" // read the metrics, in which there is nothing of a patient: for Prometheus
	AuditRole   Role = "audit"   // read the audit log, the monitoring and the metrics
	AdminRole   Role = "admin"   // swap the model, too
)

// Roles lists the roles.
var Roles = []Role{PredictRole, MetricsRole, AuditRole, AdminRole}

// Includes tells whether whoever has the role may do what another one allows.
func (r Role) Includes(other Role) bool {
	return r == other || r == AdminRole || r == AuditRole && other == MetricsRole
}

// Principal is a caller whose identity was checked.
type Principal struct {
	Name  string // for the audit log: the name of a key, "oidc:" and a subject, "CN=" and the common name of a client certificate, "local" or "anonymous"
	Roles []Role
}

// May tells whether the caller has a role, or one that includes it.
func (p Principal) May(role Role) bool {
	return slices.ContainsFunc(p.Roles, func(has Role) bool { return has.Includes(role) })
}

// Rights lists the roles that the caller may act in: those that they have, and those that these include.
func (p Principal) Rights() []Role {
	rights := []Role{}
	for _, role := range Roles {
		if p.May(role) {
			rights = append(rights, role)
		}
	}
	return rights
}

// Local is who calls from this machine while no key is asked for there.
var Local = Principal{Name: "local", Roles: Roles}

// Anonymous is the name of those who show nothing to a service that was opened to all.
const Anonymous = "anonymous"

// Refusal says why a caller was not let in.
type Refusal struct {
	Cause  RefusalCause
	Detail string // for the caller: a sentence that helps those who may call, and nobody else
	// Reconnect says that the same caller may be let in over a new connection: this one is not worth keeping.
	Reconnect bool
}

// Error is the detail.
func (r *Refusal) Error() string { return r.Detail }

// RefusalCause is a kind of refusal.
type RefusalCause int

// The kinds.
const (
	NotKnown    RefusalCause = iota // no credentials, or none that hold
	Misdirected                     // sent under a name that is not this service's
	CannotTell                      // those who know the callers cannot be reached at present
)

// Key lets a program call. Only the hash of its secret is kept.
type Key struct {
	ID      string            // the public part, by which it is listed, found and revoked
	Name    string            // who holds it
	Hash    [sha256.Size]byte // SHA-256 of the secret, 32 random bytes: nothing slower is needed against guessing
	Roles   []Role
	Created time.Time // UTC, whole milliseconds
	Revoked time.Time // the zero time as long as it holds
}

// KeyStore keeps keys. Implementations are safe for concurrent use.
type KeyStore interface {
	// AddKey keeps a new key. An ID that is there already is an error.
	AddKey(ctx context.Context, key Key) error
	// Keys are all, the oldest first. They are found also while many read the audit log.
	Keys(ctx context.Context) ([]Key, error)
	// RevokeKey ends a key, or gives ErrNotFound; one that was revoked before keeps its time.
	RevokeKey(ctx context.Context, id string, at time.Time) error
}
