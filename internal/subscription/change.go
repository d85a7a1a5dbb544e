package subscription

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// A Change names the term an admin changes, as they saw it, and why.
type Change struct {
	Key      db.Key // of the button pressed: pressed twice, the change is made once
	ClinicID int64
	TermID   int64
	Version  int // of the term, when it was seen
	Comment  string
}

// work is one change of a clinic's terms under way, in a transaction that holds the clinic: of two admins who change it
// at once the second waits here and then looks at what the first has left.
type work struct {
	s     *Subscriptions
	tx    db.Tx
	by    staff.Speaker
	key   db.Key
	why   string
	now   time.Time
	today time.Time // in the clinic's zone
	terms []Term    // all of the clinic's, the first first
}

// open begins work on a clinic.
func (s *Subscriptions) open(ctx context.Context, tx db.Tx, by staff.Speaker, clinicID int64, key db.Key, why string) (*work, db.SubscriptionLockClinicRow, error) {
	w := &work{s: s, tx: tx, by: by, key: key, why: why, now: s.clock.Now()}
	clinic, err := s.query.SubscriptionLockClinic(ctx, tx, w.now, clinicID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, clinic, ErrNotFound
	}
	if err != nil {
		return nil, clinic, err
	}
	w.today = clinic.Today
	w.terms, err = s.terms(ctx, tx, clinicID, w.today)
	return w, clinic, err
}

// made returns the term that the work's key has changed or made before, if it has.
func (w *work) made(ctx context.Context, clinicID int64) (*Term, error) {
	id, err := w.s.query.SubscriptionEventByKey(ctx, w.tx, clinicID, w.key)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return w.find(id), nil
}

func (w *work) find(termID int64) *Term {
	for i := range w.terms {
		if w.terms[i].ID == termID {
			return &w.terms[i]
		}
	}
	return nil
}

// change runs one change of one term: found, as it was seen, not done before. The term is returned as it is afterwards.
func (s *Subscriptions) change(ctx context.Context, by staff.Speaker, doing string, on Change, do func(w *work, term *Term) error) (Term, error) {
	scope, err := by.Platform(s.db, staff.RightManageSubscriptions)
	if err != nil {
		return Term{}, err
	}
	comment, err := comment(on.Comment)
	if err != nil {
		return Term{}, err
	}
	var after Term
	err = scope.InTx(ctx, func(tx db.Tx) error {
		w, _, err := s.open(ctx, tx, by, on.ClinicID, on.Key, comment)
		if err != nil {
			return err
		}
		done, err := w.made(ctx, on.ClinicID)
		if err != nil {
			return err
		}
		term := w.find(on.TermID)
		switch {
		case term == nil:
			return ErrNotFound
		case done != nil && done.ID == on.TermID:
			after = *done
			return nil
		case term.Version != on.Version:
			return ErrStale
		}
		if err := do(w, term); err != nil {
			return err
		}
		terms, err := s.terms(ctx, tx, on.ClinicID, w.today)
		w.terms = terms
		if err == nil {
			after = *w.find(on.TermID)
		}
		return err
	})
	return after, explain(doing, err)
}

// comment returns what is to be kept of a comment, which must be there.
func comment(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	unfit := func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) && r != '\u200e' && r != '\u200f'
	}
	if typed == "" || !utf8.ValidString(typed) || utf8.RuneCountInString(typed) > MaxComment || strings.ContainsFunc(typed, unfit) {
		return "", ErrComment
	}
	return typed, nil
}

// write keeps what was decided of a term, with its entry in the ledger.
func (w *work) write(ctx context.Context, kind EventKind, before Decided, after Term) error {
	var closedAt *time.Time
	if after.State == stateClosed {
		closedAt = &w.now
	}
	err := w.s.query.SubscriptionUpdate(ctx, w.tx, db.SubscriptionUpdateParams{
		State: after.State, StartsOn: after.Start, EndsOn: after.End,
		FrozenOn: unlessZero(after.FrozenOn), FrozenDays: unlessZero(int32(after.FrozenDays)),
		PausedDays: int32(after.PausedDays), CloseReason: unlessZero(after.CloseReason), ClosedAt: closedAt,
		ClinicID: after.ClinicID, SubscriptionID: after.ID,
	})
	if err != nil {
		return err
	}
	after.Version++
	return w.record(ctx, kind, &before, after)
}

// record adds an entry to the ledger.
func (w *work) record(ctx context.Context, kind EventKind, before *Decided, after Term) error {
	entry := db.SubscriptionEventInsertParams{
		ClinicID: after.ClinicID, SubscriptionID: after.ID, Kind: string(kind), Now: w.now, Actor: w.by.TelegramID,
		Reason: unlessZero(w.why), Key: w.key,
	}
	var err error
	if entry.After, err = json.Marshal(after.Decided); err != nil {
		return err
	}
	if before != nil {
		if entry.Before, err = json.Marshal(*before); err != nil {
			return err
		}
	}
	return w.s.query.SubscriptionEventInsert(ctx, w.tx, entry)
}

// move takes the terms that begin on a day or later along, by so many days. They pass over each other's old days, so
// whether any overlap is looked at when the transaction ends.
func (w *work) move(ctx context.Context, from time.Time, except int64, days int) error {
	if days == 0 {
		return nil
	}
	for _, term := range w.terms {
		if term.State != stateLive || term.ID == except || term.Start.Before(from) {
			continue
		}
		before := term.Decided
		term.Start, term.End = term.Start.AddDate(0, 0, days), term.End.AddDate(0, 0, days)
		if err := w.write(ctx, EventMoved, before, term); err != nil {
			return err
		}
	}
	return nil
}

// deferOverlap has the transaction's end judge whether terms overlap.
func (w *work) deferOverlap(ctx context.Context) error {
	_, err := w.tx.Exec(ctx, "SET CONSTRAINTS subscriptions_no_overlap DEFERRED")
	return err
}
