package desk

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/internal/dialog"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

// What the dialog keeps: whose card stays (fieldOwner), whose goes into it, and the decision. Beside those, what no question
// is asked about: who was found by what was typed, pets that stay two, and the state of the cards that was shown.
const (
	fieldTwin   = "twin"
	fieldDecide = "decide"

	keptHits  = "hits"
	keptApart = "apart"
	keptSeen  = "seen"
)

// What can be decided: "merge", "swap", or "pet:7".
const (
	decideMerge = "merge"
	decideSwap  = "swap"
	decidePet   = "pet"
)

// merging is the conversation in which one owner's card goes into another's.
func (d *Desk) merging() *form.Form {
	return &form.Form{
		Name: "merge", Texts: "desk.merge", Right: staff.RightWriteRegistry, Brief: true,
		Fields: []form.Field{
			{Name: fieldOwner, Fixed: true, Hidden: true},
			{Name: fieldTwin, Hidden: true, Columns: 1, Args: d.twinArgs, Choices: d.twinChoices, Accept: d.acceptTwin, Choose: d.chooseTwin},
			{Name: fieldDecide, Hidden: true, Columns: 1, Args: d.mergeArgs, Choices: d.mergeChoices, Choose: d.decideMerge},
		},
		Save: d.saveMerge, Cancelled: d.leaveMerge,
	}
}

// mergeRows are the buttons of a card about owners who are there twice.
func (d *Desk) mergeRows(t *chat.Turn, owner registry.Owner) [][]chat.Button {
	if !t.Speaker.May(staff.RightWriteRegistry) {
		return nil
	}
	rows := [][]chat.Button{{{Label: t.Plain("desk.merge.begin"), Data: chat.Data(routeMerge, decimal(owner.ID))}}}
	if last := owner.Merged; last != nil {
		rows = append(rows, chat.Row(chat.Button{
			Label: t.Plain("desk.unmerge.begin", chat.Args{"Twin": shorten(last.TwinName, shortName)}),
			Data:  chat.Data(routeUnmerge, decimal(last.ID)),
		}))
	}
	return rows
}

// openMerge begins the form from an owner's card.
func (d *Desk) openMerge(ctx context.Context, t *chat.Turn, argument string) error {
	owner, err := d.ownerFrom(ctx, t, argument)
	if err != nil {
		return d.explain(ctx, t, err)
	}
	answers := dialog.NewAnswers()
	answers.Item[fieldOwner] = decimal(owner.ID)
	return d.forms.Begin(ctx, t, "merge", answers)
}

// leaveMerge shows the card again.
func (d *Desk) leaveMerge(ctx context.Context, t *chat.Turn, answers dialog.Answers) (chat.Screen, error) {
	owner, err := d.ownerFrom(ctx, t, answers.Item[fieldOwner])
	if errors.Is(err, registry.ErrNotFound) {
		return chat.Screen{Text: t.Text("form.cancelled")}, nil
	}
	if err != nil {
		return chat.Screen{}, err
	}
	return d.card(ctx, t, owner, "")
}

func (d *Desk) twinArgs(ctx context.Context, s form.Step) (chat.Args, error) {
	owner, err := d.ownerFrom(ctx, s.Turn, s.Item[fieldOwner])
	if err != nil && !errors.Is(err, registry.ErrNotFound) {
		return nil, err
	}
	return chat.Args{"Owner": owner.Name, "Code": chat.Code(owner.Code)}, nil
}

// twinChoices offers who was found by what was typed; before that, who has the same phone or name.
func (d *Desk) twinChoices(ctx context.Context, s form.Step) ([]form.Choice, error) {
	ownerID := idOf(s.Item[fieldOwner])
	var twins []registry.Known
	var err error
	if hits := s.Item[keptHits]; hits != "" {
		twins, err = d.registry.Twins(ctx, *s.Speaker.Member, idsOf(hits), ownerID)
	} else {
		twins, err = d.registry.LikelyTwins(ctx, *s.Speaker.Member, ownerID)
	}
	var choices []form.Choice
	for _, twin := range twins {
		choices = append(choices, form.Choice{Value: decimal(twin.ID), Label: twinLine(s.Turn, twin)})
	}
	return choices, err
}

// twinLine is an owner as a search shows them.
func twinLine(t *chat.Turn, twin registry.Known) string {
	return hitLine(t, "", registry.Hit{Name: twin.Name, Phone: twin.Phone, Pets: twin.Pets})
}

// acceptTwin looks for what was typed, as a search does.
func (d *Desk) acceptTwin(ctx context.Context, s form.Step, typed string) error {
	found, err := d.registry.Search(ctx, *s.Speaker.Member, typed, registry.Mark{})
	if err != nil {
		return refusal(err)
	}
	var hits []string
	for _, hit := range found.Hits {
		if id := decimal(hit.ID); id != s.Item[fieldOwner] {
			hits = append(hits, id)
		}
	}
	switch {
	case len(hits) == 0 && len(found.Hits) > 0:
		return form.Refuse("desk.merge.same_card", nil)
	case len(hits) == 0:
		return form.Refuse("desk.merge.twin.nobody", nil)
	case len(hits) == 1 && found.Total == len(found.Hits) && !found.Near():
		return d.chooseTwin(ctx, s, hits[0])
	}
	s.Item[keptHits] = strings.Join(hits, ",")
	s.Remark(s.Text("desk.merge.twin.several"))
	return nil
}

// chooseTwin takes an owner for the other one, if their cards can be merged.
func (d *Desk) chooseTwin(ctx context.Context, s form.Step, value string) error {
	delete(s.Item, keptApart)
	return d.settleTwin(ctx, s, value)
}

// settleTwin looks at both cards as they are now.
func (d *Desk) settleTwin(ctx context.Context, s form.Step, value string) error {
	what := mergingOf(s.Answers)
	what.TwinID = idOf(value)
	plan, err := d.registry.PlanMerge(ctx, *s.Speaker.Member, what)
	if err != nil {
		return mergeRefusal(err)
	}
	s.Item[fieldTwin], s.Item[keptSeen] = value, plan.Seen
	delete(s.Item, keptHits)
	return nil
}

// decideMerge takes the decision, or changes what would be done.
func (d *Desk) decideMerge(ctx context.Context, s form.Step, value string) error {
	action, argument, _ := strings.Cut(value, ":")
	switch action {
	case decideMerge:
		s.Item[fieldDecide] = decideMerge
		return nil
	case decideSwap:
		s.Item[fieldOwner], s.Item[fieldTwin] = s.Item[fieldTwin], s.Item[fieldOwner]
		return d.chooseTwin(ctx, s, s.Item[fieldTwin])
	}
	apart := strings.FieldsFunc(s.Item[keptApart], isComma)
	if at := slices.Index(apart, argument); at >= 0 {
		apart = slices.Delete(apart, at, at+1)
	} else {
		apart = append(apart, argument)
	}
	s.Item[keptApart] = strings.Join(apart, ",")
	return nil
}

// saveMerge merges what was shown. Cards that have changed since are shown anew; where they can no longer be merged, the
// other one is asked for again.
func (d *Desk) saveMerge(ctx context.Context, t *chat.Turn, key form.Key, answers dialog.Answers) (chat.Screen, error) {
	what := mergingOf(answers)
	what.Key = key
	owner, err := d.registry.Merge(ctx, *t.Speaker.Member, what)
	if err != nil {
		delete(answers.Item, fieldDecide)
		return chat.Screen{}, d.reconsider(ctx, t, answers, err)
	}
	headline := t.Text("desk.merge.saved_before")
	if last := owner.Merged; last != nil {
		headline = t.Text("desk.merge.saved", chat.Args{"Owner": last.TwinName, "Until": d.undoUntil(t, last.At)})
	}
	return d.card(ctx, t, owner, headline)
}

// reconsider says why a merge was refused, and brings the answers to where it can be decided again. Either card may have gone
// into another one since, which then stands for it.
func (d *Desk) reconsider(ctx context.Context, t *chat.Turn, answers dialog.Answers, refused error) error {
	switch {
	case errors.Is(refused, registry.ErrMergeOutdated):
		plan, err := d.registry.PlanMerge(ctx, *t.Speaker.Member, mergingOf(answers))
		if err != nil {
			return d.reconsider(ctx, t, answers, err)
		}
		answers.Item[keptSeen] = plan.Seen
	case errors.Is(refused, registry.ErrMerged), errors.Is(refused, registry.ErrNotFound):
		owner, err := d.ownerFrom(ctx, t, answers.Item[fieldOwner])
		if err != nil {
			return mergeRefusal(err)
		}
		twin, err := d.ownerFrom(ctx, t, answers.Item[fieldTwin])
		if err == nil && twin.ID == owner.ID {
			return d.departure(ctx, t, owner, t.Text("desk.merge.saved_before"))
		}
		answers.Item[fieldOwner] = decimal(owner.ID)
		delete(answers.Item, fieldTwin)
	}
	return mergeRefusal(refused)
}

// departure ends the dialog with a card.
func (d *Desk) departure(ctx context.Context, t *chat.Turn, owner registry.Owner, headline chat.HTML) error {
	screen, err := d.card(ctx, t, owner, headline)
	if err != nil {
		return err
	}
	return &form.Departure{Screen: screen}
}

// mergeRefusal turns what stands in the way of a merge into words; other errors stay.
func mergeRefusal(err error) error {
	for _, known := range []struct {
		err error
		key string
	}{
		{registry.ErrSameCard, "desk.merge.same_card"},
		{registry.ErrMerged, "desk.merge.merged"},
		{registry.ErrMergeOutdated, "desk.merge.outdated"},
		{registry.ErrTooMuchText, "desk.merge.too_long"},
	} {
		if errors.Is(err, known.err) {
			return form.Refuse(known.key, nil)
		}
	}
	return refusal(err)
}

// mergingOf reads the wish to merge out of the answers.
func mergingOf(answers dialog.Answers) registry.Merging {
	return registry.Merging{
		KeptID: idOf(answers.Item[fieldOwner]), TwinID: idOf(answers.Item[fieldTwin]),
		Apart: idsOf(answers.Item[keptApart]), Seen: answers.Item[keptSeen],
	}
}

// idOf reads an id that was kept as text; 0, which nobody has, for anything else.
func idOf(text string) int64 {
	id, _ := strconv.ParseInt(text, 10, 64)
	return id
}

func idsOf(list string) (ids []int64) {
	for _, text := range strings.FieldsFunc(list, isComma) {
		ids = append(ids, idOf(text))
	}
	return ids
}

func isComma(r rune) bool { return r == ',' }
