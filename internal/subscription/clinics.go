package subscription

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/staff"
)

// A Filter chooses clinics for a page. What is zero does not choose.
type Filter struct {
	Status staff.ClinicStatus
	PlanID int    // of the clinic's current term
	Text   string // any part of the clinic's name, its owner's or the owner's phone
}

// A ClinicRow is a clinic on the admins' list, with the term its standing comes from.
type ClinicRow struct {
	ID                    int64
	Name                  string
	OwnerName, OwnerPhone string
	OwnerJoined           bool
	Country               string
	CreatedAt             time.Time
	Status                staff.ClinicStatus
	TermID                int64 // 0: never had one, and nothing below is known
	PlanID                int
	PlanEN, PlanAR        string
	Start, End            time.Time // of the term; End is the first day after
	TermStatus            Status
	DaysLeft              int
}

// A ClinicMark says where a page of the admins' list begins: after a clinic, or, going back, where it ends: before one. The zero
// ClinicMark is the first page.
type ClinicMark struct {
	Back     bool
	ClinicID int64
}

// A ClinicsPage is a page of the admins' list.
type ClinicsPage struct {
	Clinics []ClinicRow
	Counts  map[staff.ClinicStatus]int // of all clinics, whatever the filter

	earlier, later bool // whether there are pages before and after it
}

// Earlier returns the mark of the page before, if there is one.
func (p ClinicsPage) Earlier() (ClinicMark, bool) {
	if !p.earlier || len(p.Clinics) == 0 {
		return ClinicMark{}, false
	}
	return ClinicMark{Back: true, ClinicID: p.Clinics[0].ID}, true
}

// Later returns the mark of the page after, if there is one.
func (p ClinicsPage) Later() (ClinicMark, bool) {
	if !p.later || len(p.Clinics) == 0 {
		return ClinicMark{}, false
	}
	return ClinicMark{ClinicID: p.Clinics[len(p.Clinics)-1].ID}, true
}

// ClinicPage returns a page of so many clinics by name. It is one query, but where so few are before the mark, or none after
// it any more, that it is the first page.
func (s *Subscriptions) ClinicPage(ctx context.Context, by staff.Speaker, filter Filter, at ClinicMark, size int) (ClinicsPage, error) {
	scope, err := by.Platform(s.db, staff.RightManageClinics)
	if err != nil {
		return ClinicsPage{}, err
	}
	page, err := s.clinicPage(ctx, scope, filter, at, size)
	if err == nil && at != (ClinicMark{}) && (len(page.Clinics) == 0 || at.Back && len(page.Clinics) < size) {
		return s.clinicPage(ctx, scope, filter, ClinicMark{}, size)
	}
	return page, err
}

func (s *Subscriptions) clinicPage(ctx context.Context, scope db.Scope, filter Filter, at ClinicMark, size int) (ClinicsPage, error) {
	now := s.clock.Now()
	counts, known := s.counts.Recall(ctx, struct{}{}, now)
	remember := s.counts.Reading(now)
	rows, err := s.query.StandingPage(ctx, scope.Listing(), db.StandingPageParams{
		Now: now, Counting: !known, MarkID: at.ClinicID, Backward: at.Back,
		Status: string(filter.Status), PlanID: int32(filter.PlanID),
		Part: strings.TrimSpace(filter.Text), Digits: phoneDigits(filter.Text), PageSize: int32(size + 1),
	})
	if err != nil {
		return ClinicsPage{}, fmt.Errorf("list clinics by standing: %w", err)
	}
	if !known {
		counts = countsOf(rows[0]) // there is always one
		remember(struct{}{}, counts, clock.Undivided(now, countTime))
	}
	page := ClinicsPage{Counts: maps.Clone(counts)}
	for _, row := range rows {
		if row.ClinicID != 0 {
			page.Clinics = append(page.Clinics, clinicRow(row))
		}
	}
	more := len(page.Clinics) > size // the one beyond the page only says so
	switch {
	case at.Back:
		page.earlier, page.later = more, true
		page.Clinics = page.Clinics[max(0, len(page.Clinics)-size):]
	default:
		page.earlier, page.later = at.ClinicID != 0, more
		page.Clinics = page.Clinics[:min(size, len(page.Clinics))]
	}
	return page, nil
}

// countTime is how long counts are remembered. To count takes longer than all the rest of a page.
const countTime = 5 * time.Minute

func countsOf(row db.StandingPageRow) map[staff.ClinicStatus]int {
	return map[staff.ClinicStatus]int{
		staff.ClinicActive: int(row.Active), staff.ClinicGrace: int(row.Grace),
		staff.ClinicSuspended: int(row.Suspended), staff.ClinicScheduled: int(row.Scheduled),
		staff.ClinicEnded: int(row.Ended), staff.ClinicInactive: int(row.Inactive),
		staff.ClinicDeactivated: int(row.Deactivated),
	}
}

func clinicRow(row db.StandingPageRow) ClinicRow {
	clinic := ClinicRow{
		ID: row.ClinicID, Name: row.Name, OwnerName: row.OwnerName, OwnerPhone: row.OwnerPhone,
		OwnerJoined: row.OwnerJoined, Country: row.CountryCode, CreatedAt: row.CreatedAt,
		Status: staff.ClinicStatus(row.Status), TermID: row.SubscriptionID,
		PlanID: int(row.PlanID), PlanEN: row.PlanNameEn, PlanAR: row.PlanNameAr,
		Start: row.StartsOn, End: row.EndsOn, TermStatus: Status(row.TermStatus),
	}
	switch clinic.TermStatus {
	case Active:
		clinic.DaysLeft = daysBetween(row.Today, row.EndsOn)
	case Upcoming:
		clinic.DaysLeft = daysBetween(row.StartsOn, row.EndsOn)
	case Suspended:
		clinic.DaysLeft = int(row.FrozenDays)
	}
	return clinic
}

// phoneDigits returns the part of a phone that a search may be for: its digits, without the zero that only national
// numbers begin with; "" for what is no phone.
func phoneDigits(text string) string {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		case strings.ContainsRune(" +-().\u200e\u200f\u2066\u2068\u2069", r):
			return -1
		}
		return 'x'
	}, text)
	if digits = strings.TrimLeft(digits, "0"); len(digits) < 3 || strings.Contains(digits, "x") {
		return ""
	}
	return digits
}

// Deactivate shuts a clinic out, if it has no active, suspended or future term: ErrHasTerm otherwise. Doing it twice is
// doing it once.
func (s *Subscriptions) Deactivate(ctx context.Context, by staff.Speaker, clinicID int64) error {
	return s.onClinic(ctx, by, "deactivate a clinic", clinicID, func(tx db.Tx, w *work) error {
		for _, term := range w.terms {
			switch term.Status {
			case Active, Suspended, Upcoming:
				return &StatusError{Refusal: ErrHasTerm, Status: term.Status}
			}
		}
		_, err := s.query.ClinicDeactivate(ctx, tx, w.now, clinicID)
		return err
	})
}

// Reactivate lets a clinic in again. Staff who were stopped stay stopped.
func (s *Subscriptions) Reactivate(ctx context.Context, by staff.Speaker, clinicID int64) error {
	return s.onClinic(ctx, by, "reactivate a clinic", clinicID, func(tx db.Tx, _ *work) error {
		_, err := s.query.ClinicReactivate(ctx, tx, clinicID)
		return err
	})
}

// Delete removes a clinic that never had a term (else ErrHadTerm) and has registered no owner (else ErrHasOwners), with
// its staff and their links.
func (s *Subscriptions) Delete(ctx context.Context, by staff.Speaker, clinicID int64) error {
	return s.onClinic(ctx, by, "delete a clinic", clinicID, func(tx db.Tx, w *work) error {
		if len(w.terms) > 0 {
			return ErrHadTerm
		}
		_, err := s.query.ClinicDelete(ctx, tx, clinicID)
		return err
	})
}

// onClinic runs a change of a clinic that depends on its terms, while nobody changes those.
func (s *Subscriptions) onClinic(ctx context.Context, by staff.Speaker, doing string, clinicID int64, do func(tx db.Tx, w *work) error) error {
	scope, err := by.Platform(s.db, staff.RightManageClinics)
	if err != nil {
		return err
	}
	err = scope.InTx(ctx, func(tx db.Tx) error {
		w, _, err := s.open(ctx, tx, by, clinicID, db.Key{}, "")
		if err != nil {
			return err
		}
		return do(tx, w)
	})
	return explain(doing, err)
}
