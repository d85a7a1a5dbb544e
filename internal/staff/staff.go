// Package staff knows who is speaking and what they may do: accounts, memberships, roles and rights, and the one-time
// links through which admins and staff come in. It sells nothing and keeps no owner or pet. What it refuses it refuses
// with the errors below, for the bot to put into words.
package staff

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"vetalyze/db"
	"vetalyze/internal/clock"
)

var (
	// ErrNotAllowed says that the role, or the clinic's standing, does not give the right.
	ErrNotAllowed = errors.New("staff: not allowed")
	// ErrNotFound says that the caller has no such membership or clinic to change; another clinic's looks the same.
	ErrNotFound = errors.New("staff: not found")
	// ErrStopped says that the membership was stopped: it takes no link before it is taken back.
	ErrStopped = errors.New("staff: membership stopped")
	// ErrName refuses a name that is too short, too long or not plain text.
	ErrName = errors.New("staff: unfit name")
	// ErrPhone refuses a phone that is not E.164.
	ErrPhone = errors.New("staff: unfit phone")
	// ErrRole refuses to invite as anything but doctor or receptionist.
	ErrRole = errors.New("staff: not a role to invite to")
	// ErrCountry refuses a country that is not in the reference.
	ErrCountry = errors.New("staff: unknown country")
	// ErrClinicText refuses a location, e-mail address or list of links that is unfit to keep.
	ErrClinicText = errors.New("staff: unfit location, email or links")
	// ErrPhoneTaken says that somebody else at the clinic has this phone.
	ErrPhoneTaken = errors.New("staff: phone taken")
	// ErrStaffLimit says that the clinic's subscription has no place left for another doctor or receptionist;
	// a *LimitError says how many it has.
	ErrStaffLimit = errors.New("staff: no place left")

	// ErrTokenUnknown says that nobody made the token.
	ErrTokenUnknown = errors.New("staff: unknown token")
	// ErrTokenUsed says that somebody has joined by it.
	ErrTokenUsed = errors.New("staff: token used")
	// ErrTokenExpired says that it is too old.
	ErrTokenExpired = errors.New("staff: token expired")
	// ErrTokenRevoked says that a newer link, or stopping the membership, has closed it.
	ErrTokenRevoked = errors.New("staff: token revoked")
	// ErrTooManyTokens stops an account that keeps coming with invented tokens.
	ErrTooManyTokens = errors.New("staff: too many invented tokens")
	// ErrWrongPhone says that the phone shared on joining is not the one the inviter gave.
	ErrWrongPhone = errors.New("staff: not the invited phone")
	// ErrNotOwnContact says that the contact shared on joining is somebody else's.
	ErrNotOwnContact = errors.New("staff: not the sender's own contact")
	// ErrAlreadyMember says that the account works at the clinic already, under another membership.
	ErrAlreadyMember = errors.New("staff: already a member")
	// ErrClinicClosed says that the clinic is deactivated.
	ErrClinicClosed = errors.New("staff: clinic deactivated")
)

// A LimitError is an ErrStaffLimit with its numbers.
type LimitError struct {
	Taken, Sold int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("staff: %d of %d places taken", e.Taken, e.Sold)
}

func (e *LimitError) Unwrap() error { return ErrStaffLimit }

// Staff keeps people, admins and the staff of clinics. It is safe for concurrent use.
type Staff struct {
	db    *db.DB
	query *db.Queries
	clock *clock.Clock
	zones sync.Map // string to *time.Location, as loading one reads a file

	speakers *db.Memory[int64, Speaker] // by Telegram id
}

// New returns the staff of a database.
func New(database *db.DB, clock *clock.Clock) *Staff {
	return &Staff{
		db: database, query: db.New(), clock: clock,
		speakers: db.NewMemory(database, mostRemembered, concerns),
	}
}

// zone returns a time zone by its name, which the database has checked; UTC should this binary not know it.
func (s *Staff) zone(name string) *time.Location {
	if known, ok := s.zones.Load(name); ok {
		return known.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		zone = time.UTC
	}
	s.zones.Store(name, zone)
	return zone
}

// refused names what a constraint of the schema has refused.
var refused = map[string]error{
	"staff_full_name":      ErrName,
	"staff_phone":          ErrPhone,
	"staff_phone_once":     ErrPhoneTaken,
	"staff_account_once":   ErrAlreadyMember,
	"clinics_name":         ErrName,
	"clinics_owner_name":   ErrName,
	"clinics_phones":       ErrPhone,
	"clinics_country_fkey": ErrCountry,
	"clinics_location":     ErrClinicText,
	"clinics_email":        ErrClinicText,
	"clinics_links":        ErrClinicText,
}

// explain turns the refusal of a constraint into the error it stands for, and says what was being done.
func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	if meaning, ok := refused[db.Broken(err)]; ok {
		return meaning
	}
	return fmt.Errorf("%s: %w", doing, err)
}
