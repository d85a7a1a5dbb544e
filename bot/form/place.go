package form

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/internal/dialog"
)

// A place is where in a form a dialog stands: a field ("phone"), a field of a
// list's item ("pets.0.species"), an item ("pets.0"), or the summary ("").
type place struct {
	field string
	index int    // of the item; -1 outside a list
	sub   string // the item's field; empty on the item itself
}

var summary = place{index: -1}

func (p place) String() string {
	switch {
	case p.index < 0:
		return p.field
	case p.sub == "":
		return p.field + "." + strconv.Itoa(p.index)
	}
	return p.field + "." + strconv.Itoa(p.index) + "." + p.sub
}

// parsePlace reads what String wrote. Anything else becomes a field no form has.
func parsePlace(text string) place {
	field, rest, inList := strings.Cut(text, ".")
	if !inList {
		return place{field: field, index: -1}
	}
	number, sub, _ := strings.Cut(rest, ".")
	index, err := strconv.Atoi(number)
	if err != nil || index < 0 {
		return place{field: text, index: -1}
	}
	return place{field: field, index: index, sub: sub}
}

// name is the name of the field at p, within its item.
func (p place) name() string {
	if p.index >= 0 {
		return p.sub
	}
	return p.field
}

// item returns the place of the item that p is in.
func (p place) item() place { return place{field: p.field, index: p.index} }

// walk is one look at an open dialog: its form, its answers and who is asked.
type walk struct {
	form    *Form
	dialog  *dialog.Dialog
	turn    *chat.Turn
	notices []chat.HTML // said above the question: refusals and remarks
}

func (w *walk) at() place { return parsePlace(w.dialog.At) }

func (w *walk) goTo(p place) { w.dialog.At = p.String() }

// field finds the field asked at a place; ok is false for the summary, for an
// item, and for places the form does not have.
func (w *walk) field(p place) (Field, bool) {
	top, ok := find(w.form.Fields, p.field)
	if !ok || (top.List != nil) != (p.index >= 0) {
		return Field{}, false
	}
	if top.List == nil {
		return top, true
	}
	if p.index >= len(w.dialog.Answers.Lists[p.field]) {
		return Field{}, false
	}
	return find(top.List.Fields, p.sub)
}

func find(fields []Field, name string) (Field, bool) {
	for _, field := range fields {
		if field.Name == name {
			return field, true
		}
	}
	return Field{}, false
}

// step is what the functions of the field at a place get to see.
func (w *walk) step(p place) Step {
	s := Step{Turn: w.turn, Answers: w.dialog.Answers, Item: w.dialog.Answers.Item, walk: w}
	if items := w.dialog.Answers.Lists[p.field]; p.index >= 0 && p.index < len(items) {
		s.Item = items[p.index]
	}
	return s
}

func (w *walk) applies(ctx context.Context, p place, f Field) (bool, error) {
	if f.Applies == nil {
		return true, nil
	}
	return f.Applies(ctx, w.step(p))
}

// questions lists the places that are asked in their turn, in order, as the
// answers stand now.
func (w *walk) questions(ctx context.Context) ([]place, error) {
	var places []place
	for _, field := range w.form.Fields {
		if field.List == nil {
			asked, err := w.asked(ctx, place{field: field.Name, index: -1}, field)
			if err != nil {
				return nil, err
			}
			places = append(places, asked...)
			continue
		}
		for len(w.dialog.Answers.Lists[field.Name]) < field.List.Min {
			w.addItem(field.Name)
		}
		for i := range w.dialog.Answers.Lists[field.Name] {
			for _, sub := range field.List.Fields {
				asked, err := w.asked(ctx, place{field: field.Name, index: i, sub: sub.Name}, sub)
				if err != nil {
					return nil, err
				}
				places = append(places, asked...)
			}
		}
	}
	return places, nil
}

func (w *walk) asked(ctx context.Context, p place, f Field) ([]place, error) {
	if f.Later || f.Fixed {
		return nil, nil
	}
	if applies, err := w.applies(ctx, p, f); err != nil || !applies {
		return nil, err
	}
	return []place{p}, nil
}

func (w *walk) answered(p place) bool {
	_, ok := w.step(p).Item[p.name()]
	return ok
}

// next is the first question that is still open; the summary when none is.
func (w *walk) next(ctx context.Context) (place, error) {
	questions, err := w.questions(ctx)
	if err != nil {
		return summary, err
	}
	for _, p := range questions {
		if !w.answered(p) {
			return p, nil
		}
	}
	return summary, nil
}

// back goes to where Back leads from here. While questions are open that is the
// question before; once all are answered, it is where the question was chosen
// from. It returns false where there is nothing to go back to.
func (w *walk) back(ctx context.Context) (bool, error) {
	p := w.at()
	open, err := w.next(ctx)
	if err != nil || p == summary {
		return false, err
	}
	if open == summary {
		if p.sub != "" {
			w.goTo(p.item())
		} else {
			w.goTo(summary)
		}
		return true, nil
	}
	if w.extra(p) {
		w.dropItem(p)
		open, err = w.next(ctx)
		w.goTo(open)
		return true, err
	}
	questions, err := w.questions(ctx)
	if err != nil {
		return false, err
	}
	before := slices.Index(questions, p) - 1
	if before < 0 {
		return false, nil
	}
	w.goTo(questions[before])
	return true, nil
}

// canGoBack says whether Back would lead anywhere, without going.
func (w *walk) canGoBack(ctx context.Context) (bool, error) {
	p := w.at()
	open, err := w.next(ctx)
	if err != nil || p == summary || open == summary || w.extra(p) {
		return p != summary, err
	}
	questions, err := w.questions(ctx)
	return slices.Index(questions, p) > 0, err
}

// extra says whether p asks the first question of an item that the list does
// not need and that nothing has been answered of.
func (w *walk) extra(p place) bool {
	top, _ := find(w.form.Fields, p.field)
	return top.List != nil && p.index >= top.List.Min && len(w.step(p).Item) == 0
}

func (w *walk) addItem(list string) place {
	lists := w.dialog.Answers.Lists
	lists[list] = append(lists[list], dialog.Item{})
	return place{field: list, index: len(lists[list]) - 1}
}

func (w *walk) dropItem(p place) {
	lists := w.dialog.Answers.Lists
	if p.index >= 0 && p.index < len(lists[p.field]) {
		lists[p.field] = slices.Delete(lists[p.field], p.index, p.index+1)
	}
}
