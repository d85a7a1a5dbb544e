package reminder

import (
	"context"
	"fmt"
	"time"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// OverviewDays is how far the overview looks ahead and back; OverviewPage has it, too.
const OverviewDays = 7

// A Section is a part of the overview.
type Section int

// The sections of the overview, in its order. A clinic's day is what its section is about; each clinic has its own zone's today.
const (
	SectionStarting    Section = 1 + iota // a term begins today
	SectionEnding                         // active, and over within OverviewDays with no term behind; the day is the first without
	SectionGrace                          // the day is the first on which nothing can be written
	SectionEnded                          // within OverviewDays, today included; the day is the first ended
	SectionUnreachable                    // any of the three before, and its owner cannot be told; the day is as there
)

// Sections lists them in their order.
func Sections() []Section {
	return []Section{SectionStarting, SectionEnding, SectionGrace, SectionEnded, SectionUnreachable}
}

// A Place is where a page of the overview ends; the next one begins after it. Its zero value is the beginning.
type Place struct {
	Section  Section
	Key      int // orders the clinics of a section
	ClinicID int64
}

// An OverviewClinic is a clinic in one section of the overview.
type OverviewClinic struct {
	Place
	Name                           string
	OwnerName, OwnerPhone, Country string
	PlanEN, PlanAR                 string    // of the term that the clinic's standing comes from
	End                            time.Time // of that term, the first day after
	Day                            time.Time
	Days                           int  // from today to Day; 0 or less for one of the past
	Joined                         bool // of the unreachable: the owner has come in, and blocked the bot since
}

// An Overview is how many clinics there are in each section, and a page of them.
type Overview struct {
	At      time.Time // when it was so
	Zone    *time.Location
	Counts  map[Section]int
	After   Place            // where the page before ended
	Clinics []OverviewClinic // section by section
	More    bool             // there are others after these
}

// Empty says whether there is nothing to tell.
func (o Overview) Empty() bool {
	for _, count := range o.Counts {
		if count > 0 {
			return false
		}
	}
	return true
}

// All is how many entries there are in all sections; a clinic may be in several.
func (o Overview) All() (all int) {
	for _, count := range o.Counts {
		all += count
	}
	return all
}

// Overview returns what begins and ends these days, to an admin: a page of so many clinics after a place. It is one query.
func (r *Reminders) Overview(ctx context.Context, by staff.Speaker, after Place, size int) (Overview, error) {
	scope, err := by.Platform(r.db, staff.RightManageSubscriptions)
	if err != nil {
		return Overview{}, err
	}
	return r.overviewAt(ctx, scope, r.clock.Now(), after, size)
}

// overviewAt is Overview at a time, for whoever has the platform's scope, such as delivery. Of a time to come it tells what is
// known now.
func (r *Reminders) overviewAt(ctx context.Context, scope db.Scope, now time.Time, after Place, size int) (Overview, error) {
	rows, err := r.query.OverviewPage(ctx, scope, db.OverviewPageParams{
		Now: now, PlatformZone: r.zone.String(), ClosedSince: now.AddDate(0, 0, -OverviewDays-2), PageSize: int32(size + 1),
		AfterSection: int32(after.Section), AfterKey: int32(after.Key), AfterClinic: after.ClinicID,
	})
	if err != nil {
		return Overview{}, fmt.Errorf("read the overview: %w", err)
	}
	first := rows[0] // there is always one
	overview := Overview{At: now, Zone: r.zone, After: after, Counts: map[Section]int{
		SectionStarting: int(first.Starting), SectionEnding: int(first.Ending), SectionGrace: int(first.Grace),
		SectionEnded: int(first.Ended), SectionUnreachable: int(first.Unreachable),
	}}
	for _, row := range rows {
		switch {
		case row.ClinicID == 0:
		case len(overview.Clinics) == size:
			overview.More = true
		default:
			overview.Clinics = append(overview.Clinics, overviewClinic(row))
		}
	}
	return overview, nil
}

func overviewClinic(row db.OverviewPageRow) OverviewClinic {
	return OverviewClinic{
		Place: Place{Section: Section(row.Section), Key: int(row.Key), ClinicID: row.ClinicID},
		Name:  row.ClinicName, OwnerName: row.OwnerName, OwnerPhone: row.OwnerPhone, Country: row.CountryCode,
		PlanEN: row.PlanNameEn, PlanAR: row.PlanNameAr, End: row.EndsOn,
		Day: row.Day, Days: int(row.Day.Sub(row.Today) / (24 * time.Hour)), // dates are midnight UTC, which has no daylight saving
		Joined: row.Reach == "blocked",
	}
}
