package form

import (
	"context"
	"encoding/json"
	"fmt"

	"vetalyze/bot/chat"
	"vetalyze/internal/dialog"
)

// A farewell is how a dialog ended. It is kept with the dialog, which is closed before it is shown: whoever has read
// that something is saved goes on at once, and must not find the dialog still open, as they could when the update that
// closed it has to come again and what they do next overtakes it. Should that update come again, it is shown again.
type farewell struct {
	Form     string      `json:"form"`
	ClinicID int64       `json:"clinic_id,omitempty"`
	UpdateID int64       `json:"update_id"`
	Saved    bool        `json:"saved,omitempty"` // else it was given up, or led elsewhere
	Screen   chat.Screen `json:"screen"`
}

// close ends the dialog, and shows a screen in place of its live message.
func (e *Engine) close(ctx context.Context, w *walk, screen chat.Screen, saved bool) error {
	bye := farewell{
		Form: w.form.Name, ClinicID: w.dialog.ClinicID, UpdateID: w.turn.UpdateID, Saved: saved, Screen: screen,
	}
	kept, err := json.Marshal(bye)
	if err != nil {
		return fmt.Errorf("keep how the dialog ended: %w", err)
	}
	w.dialog.Close(kept)
	if err := e.store.Save(ctx, w.dialog, w.turn.UpdateID); err != nil {
		return err
	}
	return e.part(ctx, w, bye)
}

// part shows how the dialog ended, and does what follows it.
func (e *Engine) part(ctx context.Context, w *walk, bye farewell) error {
	former := w.dialog.MessageID
	messageID, err := w.put(ctx, bye.Screen)
	if err != nil {
		return err
	}
	if messageID != former {
		if err := e.store.SetMessage(ctx, w.dialog, messageID); err != nil {
			return err
		}
		if former != 0 {
			w.turn.Withdraw(ctx, former)
		}
	}
	if bye.Saved && w.form.Then != nil {
		return w.form.Then(ctx, w.turn)
	}
	return nil
}

// partAgain shows how a dialog ended to whoever ended it with this update; false when they did not.
func (e *Engine) partAgain(ctx context.Context, t *chat.Turn, d *dialog.Dialog) (bool, error) {
	var bye farewell
	if len(d.Farewell) == 0 {
		return false, nil
	}
	if err := json.Unmarshal(d.Farewell, &bye); err != nil {
		return false, fmt.Errorf("read how the dialog ended: %w", err)
	}
	form, ok := e.forms[bye.Form]
	if !ok || bye.UpdateID != t.UpdateID || !t.Speaker.May(form.Right) || !form.Personal && bye.ClinicID != clinicOf(t) {
		return false, nil
	}
	if d.Form != "" { // another one has begun since: the live message is its
		tapped := *d
		tapped.MessageID = 0
		if t.Input.Tap != nil {
			tapped.MessageID = t.Input.Tap.MessageID
		}
		_, err := (&walk{form: form, dialog: &tapped, turn: t}).put(ctx, bye.Screen)
		return true, err
	}
	return true, e.part(ctx, &walk{form: form, dialog: d, turn: t}, bye)
}
