package form

import (
	"context"

	"vetalyze/bot/chat"
	"vetalyze/internal/staff"
)

// Shut tells the person that the open dialog cannot go on for now, though it is
// theirs: their clinic's standing does not allow it. The dialog is kept.
type Shut func(ctx context.Context, t *chat.Turn, title chat.HTML) error

// shut says whether the clinic's standing holds the dialog up. What is done about
// it is then to be told, not done.
func (w *walk) shut() bool { return denied(w.turn, w.form) }

func denied(t *chat.Turn, form *Form) bool {
	return t.Speaker.Denial(form.Right) == staff.DeniedByStanding
}

// putAside answers the first thing typed into a dialog that is shut: what was
// answered so far is kept. What is typed from then on is not for the dialog, so
// that its owner can look things up meanwhile; it returns false for that.
func (e *Engine) putAside(ctx context.Context, w *walk) (bool, error) {
	if w.dialog.MessageID == 0 {
		return false, nil
	}
	if err := e.tellShut(ctx, w.turn, w.title()); err != nil {
		return true, err
	}
	// The message stays, and its buttons go on where the dialog stands once it is open again.
	return true, e.store.SetMessage(ctx, w.dialog, 0)
}

// pressShut handles a button of a dialog that is shut: it can be given up, also
// for another one that is not.
func (e *Engine) pressShut(ctx context.Context, w *walk, p press) error {
	switch waiting := w.dialog.Pending; {
	case p.action == actCancel:
		return e.cancel(ctx, w)
	case p.action == actReplace && waiting != nil && e.forms[waiting.Form] != nil && !denied(w.turn, e.forms[waiting.Form]):
		return e.replace(ctx, w)
	}
	return e.tellShut(ctx, w.turn, w.title())
}
