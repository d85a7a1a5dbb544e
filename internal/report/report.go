// Package report adds up what became of a clinic: for its owner, and for the platform, which may see no owner and no
// pet. It only counts; the words are the bot's, and the picture has none.
package report

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/money"
	"vetalyze/internal/staff"
)

var (
	// ErrNotAllowed says that the reader has not the right.
	ErrNotAllowed = staff.ErrNotAllowed
	// ErrNotFound says that there is no such clinic.
	ErrNotFound = errors.New("report: no such clinic")
)

// shownMonths is how many months a report goes back, with the present one.
const shownMonths = 12

// Reports makes reports. It is safe for concurrent use.
type Reports struct {
	db    *db.DB
	query *db.Queries
	clock *clock.Clock
}

// New returns the reports on a database.
func New(database *db.DB, clock *clock.Clock) *Reports {
	return &Reports{db: database, query: db.New(), clock: clock}
}

// A Report is what both the owner and the platform are told. Days and months are those of the clinic's zone.
type Report struct {
	ClinicID   int64
	ClinicName string
	Today      time.Time
	Days       int // served by subscriptions so far, today with them
	Plans      []Plan
	Staff      []Staff
	Months     []time.Time // the first day of each, the last is the present one
	Joined     []int       // staff, by month
}

// A Plan is how often a clinic had it; cancelled terms do not count.
type Plan struct {
	NameEN, NameAR string
	Terms          int
}

// Staff is how many work at the clinic in one role.
type Staff struct {
	Role   staff.Role
	Number int
}

// OfClinic is the report to a clinic's owner.
type OfClinic struct {
	Report
	Owners, Pets               int   // ever registered
	OwnersByMonth, PetsByMonth []int // of each month
	Channels                   []Channel
}

// A Channel is how many owners heard of the clinic by it; 0 is for those who were not asked.
type Channel struct {
	ID     int
	Owners int
}

// OfPlatform is the report to an admin.
type OfPlatform struct {
	Report
	Revenue []Revenue
	Money   []Money // by currency, usually one
}

// Revenue is what the terms of one plan and status brought.
type Revenue struct {
	NameEN, NameAR     string
	Status             string // of the terms, as in the database's term_status
	Terms              int
	Currency           money.Currency
	Received, Refunded int64
}

// Money is what was received and given back in one currency.
type Money struct {
	Currency           money.Currency
	Received, Refunded int64   // ever
	ReceivedByMonth    []int64 // of each month
	RefundedByMonth    []int64
}

// Clinic reports to the owner of a clinic about it.
func (r *Reports) Clinic(ctx context.Context, by staff.Member) (OfClinic, error) {
	if !by.May(staff.RightSeeAmounts) {
		return OfClinic{}, ErrNotAllowed
	}
	scope := by.Scope(r.db)
	base := Report{ClinicID: by.ClinicID, ClinicName: by.ClinicName, Today: r.clock.Today(by.Zone())}
	if _, err := r.fill(ctx, scope, &base, by.TimeZone); err != nil {
		return OfClinic{}, err
	}
	report := OfClinic{Report: base}
	if err := r.countRegistry(ctx, scope, &report, by.TimeZone); err != nil {
		return OfClinic{}, fmt.Errorf("report owners and pets: %w", err)
	}
	channels, err := r.query.ReportChannels(ctx, scope.Listing(), by.ClinicID)
	if err != nil {
		return OfClinic{}, fmt.Errorf("report channels: %w", err)
	}
	for _, row := range channels {
		channel := Channel{Owners: int(row.Owners)}
		if row.ChannelID != nil {
			channel.ID = int(*row.ChannelID)
		}
		report.Channels = append(report.Channels, channel)
	}
	return report, nil
}

// Platform reports to an admin about a clinic.
func (r *Reports) Platform(ctx context.Context, by staff.Speaker, clinicID int64) (OfPlatform, error) {
	scope, err := by.Platform(r.db, staff.RightManageSubscriptions)
	if err != nil {
		return OfPlatform{}, err
	}
	clinic, err := r.query.ReportClinic(ctx, scope, clinicID)
	if errors.Is(err, pgx.ErrNoRows) {
		return OfPlatform{}, ErrNotFound
	}
	if err != nil {
		return OfPlatform{}, fmt.Errorf("report on a clinic: %w", err)
	}
	zone, err := time.LoadLocation(clinic.DayZone)
	if err != nil {
		zone = time.UTC
	}
	base := Report{ClinicID: clinicID, ClinicName: clinic.Name, Today: r.clock.Today(zone)}
	terms, err := r.fill(ctx, scope, &base, clinic.DayZone)
	if err != nil {
		return OfPlatform{}, err
	}
	report := OfPlatform{Report: base, Revenue: revenue(terms)}
	rows, err := r.query.ReportMoney(ctx, scope, clinicID)
	if err != nil {
		return OfPlatform{}, fmt.Errorf("report money: %w", err)
	}
	report.Money = addUp(rows, report.Months)
	return report, nil
}

// fill counts what both reports tell, and returns the terms it counted.
func (r *Reports) fill(ctx context.Context, scope db.Scope, report *Report, zone string) ([]db.ReportTermsRow, error) {
	terms, err := r.query.ReportTerms(ctx, scope, db.ReportTermsParams{
		Today: report.Today, TimeZone: zone, ClinicID: report.ClinicID,
	})
	if err != nil {
		return nil, fmt.Errorf("report terms: %w", err)
	}
	for _, term := range terms {
		report.Days += int(term.Days)
		if term.Status != "cancelled" {
			report.countPlan(term)
		}
	}
	report.Months = months(report.Today)
	report.Joined = make([]int, shownMonths)
	joined, err := r.query.ReportStaff(ctx, scope, zone, report.ClinicID)
	if err != nil {
		return nil, fmt.Errorf("report staff: %w", err)
	}
	for _, row := range joined {
		if at, ok := report.month(row.Month); ok {
			report.Joined[at] += int(row.Joined)
		}
		report.countStaff(row)
	}
	return terms, nil
}

func (r *Report) countPlan(term db.ReportTermsRow) {
	for i := range r.Plans {
		if r.Plans[i].NameEN == term.PlanNameEn && r.Plans[i].NameAR == term.PlanNameAr {
			r.Plans[i].Terms += int(term.Terms)
			return
		}
	}
	r.Plans = append(r.Plans, Plan{NameEN: term.PlanNameEn, NameAR: term.PlanNameAr, Terms: int(term.Terms)})
}

func (r *Report) countStaff(row db.ReportStaffRow) {
	for i := range r.Staff {
		if r.Staff[i].Role == staff.Role(row.Role) {
			r.Staff[i].Number += int(row.Working)
			return
		}
	}
	r.Staff = append(r.Staff, Staff{Role: staff.Role(row.Role), Number: int(row.Working)})
}

func (r *Reports) countRegistry(ctx context.Context, scope db.Scope, report *OfClinic, zone string) error {
	rows, err := r.query.ReportRegistry(ctx, scope.Listing(), zone, report.ClinicID)
	if err != nil {
		return err
	}
	report.OwnersByMonth, report.PetsByMonth = make([]int, shownMonths), make([]int, shownMonths)
	for _, row := range rows {
		report.Owners += int(row.Owners)
		report.Pets += int(row.Pets)
		if at, ok := report.month(row.Month); ok {
			report.OwnersByMonth[at], report.PetsByMonth[at] = int(row.Owners), int(row.Pets)
		}
	}
	return nil
}

func revenue(terms []db.ReportTermsRow) (revenue []Revenue) {
	for _, term := range terms {
		revenue = append(revenue, Revenue{
			NameEN: term.PlanNameEn, NameAR: term.PlanNameAr, Status: term.Status, Terms: int(term.Terms),
			Currency: money.Currency{Code: term.Currency, Exponent: int(term.Exponent)},
			Received: term.ReceivedMinor, Refunded: term.RefundedMinor,
		})
	}
	return revenue
}

// addUp sorts money by currency and month.
func addUp(rows []db.ReportMoneyRow, months []time.Time) (all []Money) {
	report := Report{Months: months}
	for _, row := range rows {
		at := -1
		for i := range all {
			if all[i].Currency.Code == row.Currency {
				at = i
			}
		}
		if at < 0 {
			at = len(all)
			all = append(all, Money{
				Currency:        money.Currency{Code: row.Currency, Exponent: int(row.Exponent)},
				ReceivedByMonth: make([]int64, len(months)), RefundedByMonth: make([]int64, len(months)),
			})
		}
		all[at].Received += row.ReceivedMinor
		all[at].Refunded += row.RefundedMinor
		if month, ok := report.month(row.Month); ok {
			all[at].ReceivedByMonth[month] += row.ReceivedMinor
			all[at].RefundedByMonth[month] += row.RefundedMinor
		}
	}
	return all
}

// months are the first days of the last months up to that of a day.
func months(today time.Time) []time.Time {
	first := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC)
	shown := make([]time.Time, shownMonths)
	for i := range shown {
		shown[i] = first.AddDate(0, i-shownMonths+1, 0)
	}
	return shown
}

// month finds a month among those shown.
func (r *Report) month(first time.Time) (at int, ok bool) {
	for i, month := range r.Months {
		if month.Equal(first) {
			return i, true
		}
	}
	return 0, false
}

// Major returns amounts of the currency in its larger unit, for a picture.
func (m Money) Major(minor []int64) []float64 {
	units := 1.0
	for range m.Currency.Exponent {
		units *= 10
	}
	amounts := make([]float64, len(minor))
	for i := range minor {
		amounts[i] = float64(minor[i]) / units
	}
	return amounts
}
