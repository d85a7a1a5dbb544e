package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
)

// ErrStale says that somebody else changed the clinic since it was read.
var ErrStale = errors.New("staff: changed meanwhile")

// ClinicDetails is what an admin may change of a clinic. Phones are E.164; what is empty is not known.
type ClinicDetails struct {
	Name        string
	OwnerName   string
	OwnerPhone  string
	SecondPhone string
	Country     string // ISO code
	Location    string
	Email       string
	Links       []string
}

// A ClinicCard is one clinic as the admins see it.
type ClinicCard struct {
	ID int64
	ClinicDetails
	CountryEN        string
	CountryAR        string
	TimeZone         string // IANA name
	Currency         string
	CurrencyExponent int
	CreatedAt        time.Time
	Deactivated      bool
	OwnerJoined      bool
	Doctors          int // who have joined and were not stopped
	Receptionists    int
	Invited          int // who may still join by an open link
	Version          int

	zone *time.Location // its days go by
}

// Taken is how many of the accounts that were sold are used.
func (c ClinicCard) Taken() int { return c.Doctors + c.Receptionists + c.Invited }

// Zone returns the clinic's time zone; UTC should this binary not know it.
func (c ClinicCard) Zone() *time.Location {
	if c.zone == nil {
		return time.UTC
	}
	return c.zone
}

// ClinicCard returns one clinic.
func (s *Staff) ClinicCard(ctx context.Context, by Speaker, clinicID int64) (ClinicCard, error) {
	scope, err := by.Platform(s.db, RightManageClinics)
	if err != nil {
		return ClinicCard{}, err
	}
	return s.clinicCard(ctx, scope, clinicID)
}

func (s *Staff) clinicCard(ctx context.Context, conn db.DBTX, clinicID int64) (ClinicCard, error) {
	row, err := s.query.ClinicCard(ctx, conn, s.clock.Now(), clinicID)
	if errors.Is(err, pgx.ErrNoRows) {
		return ClinicCard{}, ErrNotFound
	}
	if err != nil {
		return ClinicCard{}, fmt.Errorf("read a clinic: %w", err)
	}
	c := row.Clinic
	return ClinicCard{
		ID: c.ClinicID,
		ClinicDetails: ClinicDetails{
			Name: c.Name, OwnerName: c.OwnerName, OwnerPhone: c.OwnerPhone, SecondPhone: value(c.SecondPhone),
			Country: c.CountryCode, Location: value(c.Location), Email: value(c.Email), Links: c.Links,
		},
		CountryEN: row.CountryEn, CountryAR: row.CountryAr, TimeZone: c.TimeZone,
		Currency: row.Currency, CurrencyExponent: int(row.CurrencyExponent),
		CreatedAt: c.CreatedAt, Deactivated: c.DeactivatedAt != nil, OwnerJoined: row.OwnerJoined,
		Doctors: int(row.Doctors), Receptionists: int(row.Receptionists), Invited: int(row.Invited),
		Version: int(c.Version), zone: s.zone(c.DayZone),
	}, nil
}

// ChangeClinic changes the details of a clinic, of the version that was read: ErrStale if there is a newer one with other
// details. The owner's membership takes the new name and phone; a link sent before now wants the new phone.
func (s *Staff) ChangeClinic(ctx context.Context, by Speaker, clinicID int64, version int, details ClinicDetails) error {
	scope, err := by.Platform(s.db, RightManageClinics)
	if err != nil {
		return err
	}
	err = scope.InTx(ctx, func(tx db.Tx) error {
		changed, err := s.query.ClinicChange(ctx, tx, db.ClinicChangeParams{
			Name: details.Name, OwnerName: details.OwnerName, OwnerPhone: details.OwnerPhone,
			SecondPhone: unlessEmpty(details.SecondPhone), CountryCode: details.Country,
			Location: unlessEmpty(details.Location), Email: unlessEmpty(details.Email),
			Links: append([]string{}, details.Links...), ClinicID: clinicID, Version: int32(version),
		})
		if err != nil {
			return err
		}
		if changed == 0 {
			return s.whyUnchanged(ctx, tx, clinicID, version, details)
		}
		return s.query.ClinicOwnerChange(ctx, tx, db.ClinicOwnerChangeParams{
			FullName: details.OwnerName, Phone: details.OwnerPhone, ClinicID: clinicID,
		})
	})
	return explain("change a clinic", err)
}

// whyUnchanged says whether the clinic is gone, was changed by somebody else, or by this very change done before.
func (s *Staff) whyUnchanged(ctx context.Context, tx db.Tx, clinicID int64, version int, details ClinicDetails) error {
	now, err := s.clinicCard(ctx, tx, clinicID)
	if err != nil {
		return err
	}
	if now.Version == version+1 && now.same(details) {
		return nil
	}
	return ErrStale
}

func (d ClinicDetails) same(other ClinicDetails) bool {
	if !slices.Equal(d.Links, other.Links) {
		return false
	}
	return d.Name == other.Name && d.OwnerName == other.OwnerName && d.OwnerPhone == other.OwnerPhone &&
		d.SecondPhone == other.SecondPhone && d.Country == other.Country && d.Location == other.Location && d.Email == other.Email
}
