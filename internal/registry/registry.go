// Package registry keeps a clinic's owners and their pets: it reads what the front
// desk types (names, phones, birthdays, whole pets and owners in one message),
// registers it once, and shows it again. It knows no chat and holds no text for users:
// what it refuses it names by a field and a reason.
package registry

import (
	"errors"

	"vetalyze/db"
	"vetalyze/internal/clock"
)

var (
	// ErrNotFound says that the clinic has no such owner; another clinic's looks just the same.
	ErrNotFound = errors.New("registry: not found")
	// ErrIncomplete says that what should be registered lacks its key, or has no pet, or more than [MaxPets].
	ErrIncomplete = errors.New("registry: incomplete registration")
	// ErrUnknownChoice says that a species or a channel is in no list of reference.
	ErrUnknownChoice = errors.New("registry: no such species or channel")
)

// A Registry registers and finds owners and pets. What a member asks is asked in the member's clinic only, and
// refused with staff.ErrNotAllowed where the role or the clinic's standing does not give the right.
type Registry struct {
	db    *db.DB
	query *db.Queries
	clock *clock.Clock
}

// New returns the registry kept in the database.
func New(database *db.DB, clock *clock.Clock) *Registry {
	return &Registry{db: database, query: db.New(), clock: clock}
}
