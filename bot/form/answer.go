package form

import (
	"context"
	"slices"
	"strings"
	"unicode"
)

// hear gives the question that is asked what was typed or shared.
func (w *walk) hear(ctx context.Context) error {
	input := w.turn.Input
	field, ok := w.field(w.at())
	switch {
	case w.dialog.Pending != nil:
		return Refuse("form.choose_button", nil)
	case !ok && w.at() != summary:
		return Refuse("form.choose_button", nil)
	case !ok:
		return Refuse("form.not_saved", nil)
	case input.Contact != nil:
		return w.hearContact(ctx, field)
	case input.Photo != "" && field.AcceptPhoto != nil:
		return w.proceed(ctx, field.AcceptPhoto(ctx, w.step(w.at()), input.Photo))
	case field.AcceptPhoto != nil && field.Accept == nil:
		return Refuse("form.need_photo", nil)
	case input.Other || input.Photo != "":
		return Refuse("form.need_text", nil)
	}
	return w.hearText(ctx, field, input.Text)
}

func (w *walk) hearContact(ctx context.Context, field Field) error {
	step := w.step(w.at())
	switch {
	case field.AcceptContact != nil:
		return w.proceed(ctx, field.AcceptContact(ctx, step, w.turn.Input.Contact))
	case field.Accept != nil:
		return Refuse("form.need_text", nil)
	}
	return Refuse("form.choose_button", nil)
}

// hearText takes typed text: the label of a choice, as if it had been tapped, or
// whatever the field accepts.
func (w *walk) hearText(ctx context.Context, field Field, typed string) error {
	step := w.step(w.at())
	if field.Choices != nil {
		choices, err := field.Choices(ctx, step)
		if err != nil {
			return err
		}
		for _, choice := range choices {
			if strings.EqualFold(strings.TrimSpace(typed), words(choice.Label)) {
				return w.choose(ctx, field, choice.Value)
			}
		}
	}
	if field.Accept == nil {
		return Refuse("form.choose_button", nil)
	}
	return w.proceed(ctx, field.Accept(ctx, step, typed))
}

// words are the letters and digits of a label, without the emoji before them.
func words(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// press does what a button of the live message asks for.
func (w *walk) press(ctx context.Context, p press) error {
	at := w.at()
	field, asking := w.field(at)
	switch {
	case p.action == actResume:
		if !mayGoOn(w.form, w.dialog, w.turn) {
			return Refuse("form.other_clinic", nil)
		}
		w.dialog.Pending = nil
	case w.dialog.Pending != nil:
		return Refuse("form.choose_button", nil)
	case p.action == actChoose && asking && field.Choices != nil:
		return w.chooseOffered(ctx, field, p.argument)
	case p.action == actSkip && asking && field.Skippable:
		w.step(at).Item[at.name()] = ""
		return w.proceed(ctx, nil)
	case p.action == actKeep && asking && w.answered(at):
		return w.proceed(ctx, nil)
	case p.action == actBack:
		_, err := w.back(ctx)
		return err
	case p.action == actEdit:
		return w.edit(ctx, parsePlace(p.argument))
	case p.action == actAdd:
		return w.add(p.argument)
	case p.action == actDrop:
		w.dropItem(parsePlace(p.argument))
		return w.proceed(ctx, nil)
	}
	return nil
}

// chooseOffered takes a tapped choice if it is still among those on offer: it
// may have been retired since the buttons were made, or be forged.
func (w *walk) chooseOffered(ctx context.Context, field Field, value string) error {
	choices, err := field.Choices(ctx, w.step(w.at()))
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(choices, func(c Choice) bool { return c.Value == value }) {
		return Refuse("form.choice_gone", nil)
	}
	return w.choose(ctx, field, value)
}

func (w *walk) choose(ctx context.Context, field Field, value string) error {
	step := w.step(w.at())
	if field.Choose != nil {
		return w.proceed(ctx, field.Choose(ctx, step, value))
	}
	step.Item[field.Name] = value
	return w.proceed(ctx, nil)
}

// edit asks again what the summary shows, or opens the menu of an item.
func (w *walk) edit(ctx context.Context, p place) error {
	field, asks := w.field(p)
	if asks {
		if field.Fixed || field.Hidden {
			return nil
		}
		if applies, err := w.applies(ctx, p, field); err != nil || !applies {
			return err
		}
	} else if p.index < 0 || p.sub != "" || p.index >= len(w.dialog.Answers.Lists[p.field]) {
		return nil
	}
	w.goTo(p)
	return nil
}

// add asks for one more item of a list, unless it is full.
func (w *walk) add(list string) error {
	field, ok := find(w.form.Fields, list)
	if !ok || field.List == nil || len(w.dialog.Answers.Lists[list]) >= field.List.Max {
		return nil
	}
	p := w.addItem(list)
	p.sub = field.List.Fields[0].Name
	w.goTo(p)
	return nil
}

// proceed goes to the next open question after an answer that was taken.
func (w *walk) proceed(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	open, err := w.next(ctx)
	if err != nil {
		return err
	}
	w.goTo(open)
	return nil
}
