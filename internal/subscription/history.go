package subscription

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"vetalyze/db"
	"vetalyze/internal/money"
	"vetalyze/internal/staff"
)

// An EventKind is what happened to a term.
type EventKind string

// The events there are so far.
const (
	EventCreated   EventKind = "created"
	EventSuspended EventKind = "suspended"
	EventResumed   EventKind = "resumed"
	EventMoved     EventKind = "moved" // along with one before it
	EventExtended  EventKind = "extended"
	EventRefunded  EventKind = "refunded"
	EventCancelled EventKind = "cancelled"
)

// EventKinds lists all of them.
func EventKinds() []EventKind {
	return []EventKind{
		EventCreated, EventSuspended, EventResumed, EventMoved, EventExtended, EventRefunded, EventCancelled,
	}
}

// An Event is one entry of the ledger: who did what to a term, when and why.
type Event struct {
	ClinicID, TermID int64
	Seq              int // 1, 2, 3 within the term
	Kind             EventKind
	At               time.Time
	By               int64  // Telegram account; 0: the clock
	ByName           string // what the admin is called; empty: not known
	Comment          string
	Before           *Decided // nil: there was no term
	After            Decided
	Amount           Money // paid or given back; zero if the event was not about money
}

// MovedDays is by how many days the event moved the term's end.
func (e Event) MovedDays() int {
	if e.Before == nil {
		return 0
	}
	return daysBetween(e.Before.End, e.After.End)
}

// A TermHistory is a term with all that happened to it, the first first.
type TermHistory struct {
	Term
	Events []Event
}

// History returns a clinic's terms with everything that happened to them, the latest term first.
func (s *Subscriptions) History(ctx context.Context, by staff.Speaker, clinicID int64) ([]TermHistory, error) {
	standing, err := s.CurrentOf(ctx, by, clinicID)
	if err != nil {
		return nil, err
	}
	scope := s.db.Platform()
	rows, err := s.query.SubscriptionEvents(ctx, scope, clinicID)
	if err != nil {
		return nil, explain("read a clinic's history", err)
	}
	entries, err := s.query.PaymentList(ctx, scope, clinicID)
	if err != nil {
		return nil, explain("read a clinic's payments", err)
	}
	amounts := map[db.Key]int64{}
	for _, entry := range entries {
		amounts[entry.IdempotencyKey] = entry.AmountMinor
	}
	events := map[int64][]Event{}
	for _, row := range rows {
		e, err := event(row.SubscriptionEvent, row.ActorName)
		if err != nil {
			return nil, err
		}
		if e.Kind == EventCreated || e.Kind == EventRefunded {
			e.Amount.Minor = amounts[row.SubscriptionEvent.IdempotencyKey]
		}
		events[e.TermID] = append(events[e.TermID], e)
	}
	history := make([]TermHistory, 0, len(standing.Terms))
	for i := len(standing.Terms) - 1; i >= 0; i-- {
		term := standing.Terms[i]
		for j := range events[term.ID] {
			events[term.ID][j].Amount.Currency = term.Price.Currency
		}
		history = append(history, TermHistory{Term: term, Events: events[term.ID]})
	}
	return history, nil
}

func event(row db.SubscriptionEvent, actorName string) (Event, error) {
	e := Event{
		ClinicID: row.ClinicID, TermID: row.SubscriptionID, Seq: int(row.Seq), Kind: EventKind(row.Kind), At: row.At,
		By: value(row.Actor), ByName: actorName, Comment: value(row.Reason),
	}
	if row.Before != nil {
		e.Before = &Decided{}
		if err := json.Unmarshal(row.Before, e.Before); err != nil {
			return e, fmt.Errorf("read what a term was: %w", err)
		}
	}
	if row.After != nil {
		if err := json.Unmarshal(row.After, &e.After); err != nil {
			return e, fmt.Errorf("read what a term became: %w", err)
		}
	}
	return e, nil
}

// A ChangeOfMonth is an event on the list of a month's changes.
type ChangeOfMonth struct {
	Event
	ClinicName     string
	PlanEN, PlanAR string
}

// MonthChanges returns what happened in the month of a day, in a zone, whatever the clinic, the first first: a page of so
// many after the last of the page before, whose zero value is the beginning.
func (s *Subscriptions) MonthChanges(ctx context.Context, by staff.Speaker, day time.Time, zone *time.Location, after Event, size int) ([]ChangeOfMonth, error) {
	scope, err := by.Platform(s.db, staff.RightManageSubscriptions)
	if err != nil {
		return nil, err
	}
	rows, err := s.query.SubscriptionChanges(ctx, scope, db.SubscriptionChangesParams{
		Since:   time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, zone),
		Until:   time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, zone),
		AfterAt: after.At, AfterClinic: after.ClinicID, AfterTerm: after.TermID, AfterSeq: int32(after.Seq),
		PageSize: int32(size),
	})
	if err != nil {
		return nil, fmt.Errorf("read a month's changes: %w", err)
	}
	changes := make([]ChangeOfMonth, len(rows))
	for i, row := range rows {
		e, err := event(row.SubscriptionEvent, row.ActorName)
		if err != nil {
			return nil, err
		}
		e.Amount = Money{Minor: row.AmountMinor, Currency: money.Currency{Code: row.Currency, Exponent: int(row.CurrencyExponent)}}
		changes[i] = ChangeOfMonth{Event: e, ClinicName: row.ClinicName, PlanEN: row.PlanNameEn, PlanAR: row.PlanNameAr}
	}
	return changes, nil
}
