// Package dialog remembers where each person's dialog stands: which form, which
// question, what was answered. It lives in PostgreSQL, so a dialog goes on after a
// restart as if nothing had happened. What a form asks is not its business.
package dialog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/clock"
)

// ErrMoved says that the dialog was changed by somebody else since it was
// loaded: another instance handled another update of the same person.
var ErrMoved = errors.New("the dialog has moved on")

// remembered is how many handled updates a dialog keeps. Telegram hands out at
// most 100 updates at a time, of all chats together, before it wants them
// acknowledged, so what may come again is always among them.
const remembered = 100

// Item is a group of answers by field name. A field that is present was
// answered; an empty answer was skipped.
type Item map[string]string

// Answers is everything answered so far: single fields, and lists of items.
type Answers struct {
	Item  Item              `json:"fields"`
	Lists map[string][]Item `json:"lists,omitempty"`
}

// NewAnswers returns answers to nothing yet.
func NewAnswers() Answers { return Answers{Item: Item{}, Lists: map[string][]Item{}} }

// UnmarshalJSON reads answers so that more can be written into them.
func (a *Answers) UnmarshalJSON(text []byte) error {
	type plain Answers
	read := plain(NewAnswers())
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	*a = Answers(read)
	return nil
}

// Empty says whether nothing at all has been answered.
func (a Answers) Empty() bool {
	for _, items := range a.Lists {
		if slices.ContainsFunc(items, func(item Item) bool { return len(item) > 0 }) {
			return false
		}
	}
	return len(a.Item) == 0
}

// A Dialog is one person's dialog. Form is empty when none is open.
type Dialog struct {
	TelegramID int64
	Form       string
	Key        db.Key // names this dialog for ever: what it saves is saved once under it
	Revision   int    // grows with every change; buttons carry the one they were made for
	ClinicID   int64  // the clinic it was begun for; 0 on the platform's side
	At         string // the question asked now; empty on the summary
	Answers    Answers
	Pending    *Pending        // another form that was asked for while this one was open
	Notices    []string        // what was said above the question, in HTML: it is said again if it may not have arrived
	Since      int             // the message by which it was begun, or on which: what was written before is not for it; 0: not known
	MessageID  int             // the live message, or the one that shows how the last dialog ended; 0: none
	Farewell   json.RawMessage // how the last dialog ended, as the engine of the forms keeps it

	stored  int // the revision in the database; 0 when there is no row yet
	applied []int64
}

// Pending is a form that waits for the person to decide about the open one.
type Pending struct {
	Form     string  `json:"form"`
	ClinicID int64   `json:"clinic_id,omitempty"`
	Answers  Answers `json:"answers"`
}

// Open says whether a dialog is open for the clinic (0: the platform's side).
func (d *Dialog) Open(clinicID int64) bool { return d.Form != "" && d.ClinicID == clinicID }

// Applied says whether an update has already changed this dialog, and whether
// it was the last one that did: its answer may not have reached the person.
func (d *Dialog) Applied(updateID int64) (applied, last bool) {
	i := slices.Index(d.applied, updateID)
	return i >= 0, i >= 0 && i == len(d.applied)-1
}

// Begin turns the dialog into a new one on a form, with what is known already.
func (d *Dialog) Begin(form string, clinicID int64, answers Answers) {
	d.Form, d.ClinicID, d.Answers = form, clinicID, answers
	d.Key, d.At, d.Pending, d.MessageID = db.NewKey(), "", nil, 0
}

// Close ends the dialog; farewell says how. The updates that made it and its
// key stay remembered, so that a second tap on its last button is known for one.
func (d *Dialog) Close(farewell json.RawMessage) {
	d.Form, d.At, d.Answers, d.Pending, d.Notices, d.Farewell = "", "", NewAnswers(), nil, nil, farewell
}

// state is what the jsonb column holds.
type state struct {
	ClinicID int64           `json:"clinic_id,omitempty"`
	At       string          `json:"at"`
	Answers  Answers         `json:"answers"`
	Since    int             `json:"since,omitempty"`
	Pending  *Pending        `json:"pending,omitempty"`
	Notices  []string        `json:"notices,omitempty"`
	Farewell json.RawMessage `json:"farewell,omitempty"`
}

// A Store loads and saves dialogs. It is safe for concurrent use.
type Store struct {
	db    *db.DB
	query *db.Queries
	clock *clock.Clock
}

// NewStore returns the store of a database.
func NewStore(database *db.DB, clock *clock.Clock) *Store {
	return &Store{db: database, query: db.New(), clock: clock}
}

// Load returns the person's dialog; one with an empty Form when none is open.
func (s *Store) Load(ctx context.Context, telegramID int64) (*Dialog, error) {
	d := &Dialog{TelegramID: telegramID, Answers: NewAnswers()}
	row, err := s.query.DialogFind(ctx, s.db.Person(telegramID), telegramID)
	if errors.Is(err, pgx.ErrNoRows) {
		return d, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load the dialog: %w", err)
	}
	var kept state
	if err := json.Unmarshal(row.State, &kept); err != nil {
		return nil, fmt.Errorf("read the dialog's state: %w", err)
	}
	d.Form, d.Key, d.MessageID, d.applied = row.Form, row.Key, int(row.MessageID), row.AppliedUpdates
	d.Revision, d.stored = int(row.Revision), int(row.Revision)
	d.ClinicID, d.At, d.Answers, d.Since = kept.ClinicID, kept.At, kept.Answers, kept.Since
	d.Pending, d.Notices, d.Farewell = kept.Pending, kept.Notices, kept.Farewell
	return d, nil
}

// Save keeps the dialog as the update has changed it, under the next revision.
// It returns ErrMoved, and changes nothing, when the dialog is not the one that
// was loaded any more.
func (s *Store) Save(ctx context.Context, d *Dialog, updateID int64) error {
	applied := append(slices.Clone(d.applied), updateID)
	applied = applied[max(0, len(applied)-remembered):]
	kept, err := json.Marshal(state{
		ClinicID: d.ClinicID, At: d.At, Answers: d.Answers, Since: d.Since, Pending: d.Pending, Notices: d.Notices,
		Farewell: d.Farewell,
	})
	if err != nil {
		return fmt.Errorf("write the dialog's state: %w", err)
	}
	saved, err := s.query.DialogSave(ctx, s.db.Person(d.TelegramID), db.DialogSaveParams{
		TelegramID: d.TelegramID, Form: d.Form, Key: d.Key, State: kept, MessageID: int64(d.MessageID),
		AppliedUpdates: applied, Seen: int32(d.stored), Now: s.clock.Now(),
	})
	if err != nil {
		return fmt.Errorf("save the dialog: %w", err)
	}
	if saved == 0 {
		return ErrMoved
	}
	d.stored++
	d.Revision, d.applied = d.stored, applied
	return nil
}

// SetMessage remembers which message is the dialog's live one.
func (s *Store) SetMessage(ctx context.Context, d *Dialog, messageID int) error {
	d.MessageID = messageID
	err := s.query.DialogSetMessage(ctx, s.db.Person(d.TelegramID), db.DialogSetMessageParams{
		TelegramID: d.TelegramID, Key: d.Key, MessageID: int64(messageID),
	})
	if err != nil {
		return fmt.Errorf("remember the dialog's message: %w", err)
	}
	return nil
}
