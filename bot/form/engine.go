package form

import (
	"context"
	"errors"
	"fmt"

	"vetalyze/bot/chat"
	"vetalyze/internal/dialog"
	"vetalyze/internal/trail"
)

// An Engine runs the open dialogs of everybody. It is safe for concurrent use.
type Engine struct {
	store    *dialog.Store
	forms    map[string]*Form
	tellShut Shut
}

// NewEngine returns an engine that keeps its dialogs in store.
func NewEngine(store *dialog.Store, tellShut Shut) *Engine {
	return &Engine{store: store, forms: map[string]*Form{}, tellShut: tellShut}
}

// Add makes a form known to the engine. Forms are added before the first update.
func (e *Engine) Add(f *Form) {
	f.route = "form:" + f.Name
	e.forms[f.Name] = f
}

// Begin opens a form with what is known already and asks what is not. Notices are
// said above the first question. When another dialog with answers is open, the
// person decides first; what was given here waits until then.
func (e *Engine) Begin(ctx context.Context, t *chat.Turn, name string, answers dialog.Answers, notices ...chat.HTML) error {
	d, err := e.store.Load(ctx, t.Speaker.TelegramID)
	if err != nil {
		return err
	}
	if applied, last := d.Applied(t.UpdateID); applied {
		return e.repeat(ctx, t, d, last)
	}
	w := &walk{form: e.forms[name], dialog: d, turn: t, notices: notices}
	if open, ok := e.forms[d.Form]; ok && !open.Brief && !d.Answers.Empty() {
		d.Pending = &dialog.Pending{Form: name, ClinicID: clinicOf(t), Answers: answers}
		w.form = open
		return e.saveAndShow(ctx, w)
	}
	return e.start(ctx, w, clinicOf(t), answers)
}

// start turns the dialog into a new one. The live message of the former one, if
// any, gives way.
func (e *Engine) start(ctx context.Context, w *walk, clinicID int64, answers dialog.Answers) error {
	former := 0
	if w.dialog.Form != "" {
		former = w.dialog.MessageID
	}
	w.dialog.Begin(w.form.Name, clinicID, answers)
	w.dialog.MessageID, w.dialog.Since = former, w.turn.Input.MessageID
	if tap := w.turn.Input.Tap; w.form.Brief && tap != nil && tap.MessageID != 0 {
		w.dialog.MessageID = tap.MessageID
	}
	first, err := w.next(ctx)
	if err != nil {
		return err
	}
	w.goTo(first)
	taken := w.dialog.MessageID
	if err := e.saveAndShow(ctx, w); err != nil || former == 0 || former == taken {
		return err
	}
	w.turn.Withdraw(ctx, former)
	return nil
}

// Resume shows the open dialog again; it returns false when none is open.
func (e *Engine) Resume(ctx context.Context, t *chat.Turn) (bool, error) {
	w, err := e.open(ctx, t)
	if w == nil || err != nil {
		return false, err
	}
	if w.shut() {
		return true, e.tellShut(ctx, t, w.title())
	}
	return true, e.show(ctx, w)
}

// Title names the open dialog; it is empty when none is open. shut says that the
// clinic's standing holds it up.
func (e *Engine) Title(ctx context.Context, t *chat.Turn) (title chat.HTML, shut bool, err error) {
	w, err := e.open(ctx, t)
	if w == nil || err != nil {
		return "", false, err
	}
	return w.title(), w.shut(), nil
}

// Cancel gives the open dialog up; it returns false when none is open.
func (e *Engine) Cancel(ctx context.Context, t *chat.Turn) (bool, error) {
	d, err := e.store.Load(ctx, t.Speaker.TelegramID)
	if err != nil {
		return false, err
	}
	if applied, last := d.Applied(t.UpdateID); applied {
		return true, e.repeat(ctx, t, d, last)
	}
	if d.Form == "" || early(t, d) {
		return false, nil
	}
	form, ok := e.forms[d.Form]
	if !ok {
		form = &Form{}
	}
	return true, e.cancel(ctx, &walk{form: form, dialog: d, turn: t})
}

// cancel ends the dialog without saving.
func (e *Engine) cancel(ctx context.Context, w *walk) error {
	if w.form.Cancelled != nil {
		screen, err := w.form.Cancelled(ctx, w.turn, w.dialog.Answers)
		if err != nil {
			return err
		}
		return e.close(ctx, w, screen, false)
	}
	field, asking := w.field(w.at())
	return e.close(ctx, w, chat.Screen{
		Text:         w.turn.Text("form.cancelled"),
		DropKeyboard: asking && field.OwnContact,
	}, false)
}

// Answer gives the open dialog what the person typed or shared; it returns false
// when none is open.
func (e *Engine) Answer(ctx context.Context, t *chat.Turn) (bool, error) {
	d, err := e.store.Load(ctx, t.Speaker.TelegramID)
	if err != nil {
		return false, err
	}
	if applied, last := d.Applied(t.UpdateID); applied {
		return true, e.repeat(ctx, t, d, last)
	}
	w := e.walk(d, t)
	if w == nil || early(t, d) {
		return false, nil
	}
	trail.Route(ctx, w.form.route)
	if w.shut() {
		return e.putAside(ctx, w)
	}
	return true, e.apply(ctx, w, w.hear(ctx))
}

// early tells whether what was typed or shared is from before the dialog, and so is no answer to it: its update came again,
// and what the person did next has overtaken it.
func early(t *chat.Turn, d *dialog.Dialog) bool {
	return t.Input.Tap == nil && t.Input.MessageID != 0 && t.Input.MessageID < d.Since
}

// Press handles a tap on a button of a form; argument is what follows Route in
// the button's data.
func (e *Engine) Press(ctx context.Context, t *chat.Turn, argument string) error {
	d, err := e.store.Load(ctx, t.Speaker.TelegramID)
	if err != nil {
		return err
	}
	if applied, last := d.Applied(t.UpdateID); applied {
		return e.repeat(ctx, t, d, last)
	}
	press, ok := parsePress(argument)
	w := e.walk(d, t)
	switch {
	case ok && press.dialog == short(d) && press.revision == d.Revision-1 && t.Input.Tap.MessageID == d.MessageID:
		return e.repeat(ctx, t, d, true) // the second of two quick taps, or a screen that could not be shown
	case !ok || w == nil || press.dialog != short(d):
		return e.expired(ctx, t, d)
	case press.revision != d.Revision:
		return e.expired(ctx, t, d)
	}
	trail.Route(ctx, w.form.route)
	d.MessageID = t.Input.Tap.MessageID
	if w.shut() {
		return e.pressShut(ctx, w, press)
	}
	switch press.action {
	case actCancel:
		return e.cancel(ctx, w)
	case actSave:
		if d.Pending != nil {
			break
		}
		return e.save(ctx, w)
	case actReplace:
		return e.replace(ctx, w)
	}
	return e.apply(ctx, w, w.press(ctx, press))
}

// replace gives the open dialog up for the one that waits.
func (e *Engine) replace(ctx context.Context, w *walk) error {
	waiting := w.dialog.Pending
	switch {
	case waiting == nil || e.forms[waiting.Form] == nil:
		return e.show(ctx, w)
	case waiting.ClinicID != clinicOf(w.turn) || !w.turn.Speaker.May(e.forms[waiting.Form].Right):
		return e.apply(ctx, w, Refuse("form.other_clinic", nil))
	}
	w.form = e.forms[waiting.Form]
	return e.start(ctx, w, waiting.ClinicID, waiting.Answers)
}

// save does what the form is for. A crash before the dialog is closed repeats it, which is harmless.
func (e *Engine) save(ctx context.Context, w *walk) error {
	if open, err := w.next(ctx); err != nil || open != summary {
		w.goTo(open)
		return errors.Join(err, e.saveAndShow(ctx, w))
	}
	screen, err := w.form.Save(ctx, w.turn, w.dialog.Key, w.dialog.Answers)
	if err != nil {
		return e.refuseSaving(ctx, w, err)
	}
	return e.close(ctx, w, screen, true)
}

// refuseSaving goes on after Save would not: it may have taken an answer back,
// which is then asked again.
func (e *Engine) refuseSaving(ctx context.Context, w *walk, refused error) error {
	open, err := w.next(ctx)
	if err != nil {
		return err
	}
	w.goTo(open)
	return e.apply(ctx, w, refused)
}

// apply goes on after an answer: a refusal is said and asked again, a departure
// ends the dialog, anything else that is an error is one.
func (e *Engine) apply(ctx context.Context, w *walk, err error) error {
	var refusal *Refusal
	var departure *Departure
	switch {
	case errors.As(err, &refusal):
		w.notices = append(w.notices, w.turn.Text("form.refused", chat.Args{"Reason": w.turn.Text(refusal.Key, refusal.Args)}))
	case errors.As(err, &departure):
		return e.close(ctx, w, departure.Screen, false)
	case err != nil:
		return fmt.Errorf("form %s at %q: %w", w.form.Name, w.dialog.At, err)
	case err == nil && w.form.Brief && w.at() == summary:
		return e.save(ctx, w)
	}
	return e.saveAndShow(ctx, w)
}

func (e *Engine) saveAndShow(ctx context.Context, w *walk) error {
	w.dialog.Notices = nil
	for _, notice := range w.notices {
		w.dialog.Notices = append(w.dialog.Notices, string(notice))
	}
	if err := e.store.Save(ctx, w.dialog, w.turn.UpdateID); err != nil {
		return err
	}
	return e.show(ctx, w)
}

// show puts the dialog where the person is looking: in place of the live message
// after a tap on it, else below what was typed, and the former one is withdrawn,
// so that there is one live message and it is the last.
func (e *Engine) show(ctx context.Context, w *walk) error {
	screen, err := w.screen(ctx)
	if err != nil {
		return err
	}
	former := w.dialog.MessageID
	messageID, err := w.put(ctx, screen)
	if err != nil || messageID == former {
		return err
	}
	if err := e.store.SetMessage(ctx, w.dialog, messageID); err != nil || former == 0 {
		return err
	}
	w.turn.Withdraw(ctx, former)
	return nil
}

// put shows a screen in place of the live message when that was tapped on, else
// as a new message.
func (w *walk) put(ctx context.Context, screen chat.Screen) (messageID int, err error) {
	inline := screen.AskContact == "" && !screen.DropKeyboard // an edit takes no other keyboard
	if inline && w.turn.Input.Tap != nil && w.turn.Input.Tap.MessageID == w.dialog.MessageID && w.dialog.MessageID != 0 {
		return w.turn.Replace(ctx, w.dialog.MessageID, screen)
	}
	return w.turn.Send(ctx, screen)
}

// repeat answers an update that has been handled before: Telegram gave it again
// because the process died before it could say so. Only the last one may have
// gone without an answer.
func (e *Engine) repeat(ctx context.Context, t *chat.Turn, d *dialog.Dialog, last bool) error {
	trail.Route(ctx, "repeat")
	if parted, err := e.partAgain(ctx, t, d); parted || err != nil {
		return err
	}
	w := e.walk(d, t)
	if !last || w == nil || w.shut() {
		return nil
	}
	for _, notice := range d.Notices {
		w.notices = append(w.notices, chat.HTML(notice))
	}
	return e.show(ctx, w)
}

// expired answers a tap on a button that is no longer good, and takes the
// buttons away with it, unless they belong to the live message.
func (e *Engine) expired(ctx context.Context, t *chat.Turn, d *dialog.Dialog) error {
	trail.Route(ctx, "expired")
	if err := t.Toast(ctx, t.Plain("form.expired")); err != nil {
		return err
	}
	if t.Input.Tap.MessageID == 0 || t.Input.Tap.MessageID == d.MessageID {
		return nil
	}
	t.Disarm(ctx, t.Input.Tap.MessageID)
	return nil
}

// open loads the person's dialog; the walk is nil when none is open.
func (e *Engine) open(ctx context.Context, t *chat.Turn) (*walk, error) {
	d, err := e.store.Load(ctx, t.Speaker.TelegramID)
	if err != nil {
		return nil, err
	}
	return e.walk(d, t), nil
}

// walk looks at a dialog; nil when it is not open, not of the clinic the person
// works in now (unless they are to decide about it), of a form that is no longer
// known, or no longer theirs to fill in. One that the clinic's standing holds up
// is open, and shut.
func (e *Engine) walk(d *dialog.Dialog, t *chat.Turn) *walk {
	form, ok := e.forms[d.Form]
	if !ok || d.Pending == nil && !mayGoOn(form, d, t) {
		return nil
	}
	return &walk{form: form, dialog: d, turn: t}
}

// clinicOf is the clinic a dialog of the speaker belongs to; 0 is the platform.
func clinicOf(t *chat.Turn) int64 {
	if t.Speaker.Member == nil {
		return 0
	}
	return t.Speaker.Member.ClinicID
}

// mayGoOn says whether the speaker may fill the form in where they are now, if
// need be when the clinic's standing allows it again.
func mayGoOn(form *Form, d *dialog.Dialog, t *chat.Turn) bool {
	return (t.Speaker.May(form.Right) || denied(t, form)) && (form.Personal || d.Open(clinicOf(t)))
}
