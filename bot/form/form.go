// Package form is the dialog engine. A form is declared: its fields in the order
// in which they are asked, each with what it accepts. The engine asks, goes back,
// lets every answer be changed on a summary, survives restarts and stale buttons,
// and saves once. It knows nothing of owners, pets or clinics.
package form

import (
	"context"
	"fmt"

	"github.com/go-telegram/bot/models"

	"vetalyze/bot/chat"
	"vetalyze/internal/dialog"
	"vetalyze/internal/staff"
)

// A Form is a conversation with one purpose.
type Form struct {
	// Name tells the form apart in stored dialogs.
	Name string
	// Texts is where its texts are: "<Texts>.title", and for every field
	// "<Texts>.<field>.ask" and ".label".
	Texts string
	// Title names the text that says what the dialog is about, by the answers;
	// nil: always "<Texts>.title".
	Title func(answers dialog.Answers) string
	// Right is what the speaker must be allowed to do, at every step.
	Right staff.Right
	// Fields are asked from the first to the last.
	Fields []Field
	// Save does what the form is for and returns what the person then sees. It
	// may be called again with the same Key after a crash and must then do
	// nothing but return the same again.
	Save func(ctx context.Context, t *chat.Turn, key Key, answers dialog.Answers) (chat.Screen, error)
	// Brief forms have no summary: the last answer saves. Begun by a button, they
	// take the place of the message that it stands under.
	Brief bool
	// Personal forms are the person's own, in whatever clinic they work.
	Personal bool
	// Cancelled returns what is seen after the form was given up; nil: a line that
	// says so.
	Cancelled func(ctx context.Context, t *chat.Turn, answers dialog.Answers) (chat.Screen, error)
	// Then, if set, goes on after the form was saved and closed.
	Then func(ctx context.Context, t *chat.Turn) error

	route string // of its steps, as metrics name it
}

// A Field is one question. Its answer is kept as text in a canonical form.
type Field struct {
	Name string

	// Later fields are not asked in their turn; the summary offers them.
	Later bool
	// Fixed fields are shown among the answers, and never asked.
	Fixed bool
	// Hidden fields are asked in their turn and not shown among the answers.
	Hidden bool
	// Skippable fields may be left empty, by a button "<Texts>.<field>.skip".
	Skippable bool
	// OwnContact fields are answered with the person's own contact, by a button
	// "<Texts>.<field>.share" in place of the keyboard.
	OwnContact bool
	// Columns is how many choices stand in a row; 0 means 2.
	Columns int

	// Applies says whether the question makes sense now; nil: always.
	Applies func(ctx context.Context, s Step) (bool, error)
	// Choices are offered as buttons. Without Accept, only these are answers.
	Choices func(ctx context.Context, s Step) ([]Choice, error)
	// Accept reads what was typed and writes answers into s.Item; a Refusal says
	// why it will not.
	Accept func(ctx context.Context, s Step, typed string) error
	// AcceptContact reads a contact that was shared; nil: it is no answer here.
	AcceptContact func(ctx context.Context, s Step, contact *models.Contact) error
	// AcceptPhoto takes a picture that was sent, by Telegram's id of it.
	AcceptPhoto func(ctx context.Context, s Step, fileID string) error
	// Choose takes a tap on one of the Choices; nil: the choice's value is the answer.
	Choose func(ctx context.Context, s Step, value string) error
	// Args fills the placeholders of the question; nil: it has none.
	Args func(ctx context.Context, s Step) (chat.Args, error)
	// Show tells how the answer reads; nil: as it was kept.
	Show func(ctx context.Context, s Step, value string) (string, error)

	// List makes the field a list of items instead, each with fields of its own.
	List *List
}

// A List is asked item by item: at least Min of them, and more from the summary.
type List struct {
	Min, Max int
	Fields   []Field
	// Line tells how an item reads on the summary, without markup.
	Line func(ctx context.Context, s Step) (string, error)
}

// A Choice is an answer that can be tapped. Value is at most 40 bytes.
type Choice struct {
	Value string
	Label string
}

// A Step is where a dialog stands, as a field's functions see it.
type Step struct {
	*chat.Turn
	Answers dialog.Answers
	// Item is where this field's answer belongs: the form's own answers, or the
	// item's of a list.
	Item dialog.Item

	walk *walk
}

// Remark says something above the next question: what was not taken of an
// answer that otherwise was.
func (s Step) Remark(text chat.HTML) { s.walk.notices = append(s.walk.notices, text) }

// A Refusal is a reason, in the user's words, not to take an answer. What was
// answered before is kept and the question is asked again.
type Refusal struct {
	Key  string
	Args chat.Args
}

// Refuse makes a Refusal from a text's key.
func Refuse(key string, args chat.Args) error { return &Refusal{Key: key, Args: args} }

func (r *Refusal) Error() string { return fmt.Sprintf("answer refused: %s", r.Key) }

// A Departure ends the dialog with a screen, without saving: the answer showed
// that the person wants something else. Fields return it as an error.
type Departure struct{ Screen chat.Screen }

func (d *Departure) Error() string { return "the dialog was left for something else" }
