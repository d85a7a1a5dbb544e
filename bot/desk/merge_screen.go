package desk

import (
	"context"
	"errors"
	"strings"
	"time"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/internal/registry"
)

// mergeArgs shows both cards, one below the other, and what merging them would do. Should one of them have gone since, that
// is said instead.
func (d *Desk) mergeArgs(ctx context.Context, s form.Step) (chat.Args, error) {
	plan, err := d.registry.PlanMerge(ctx, *s.Speaker.Member, mergingOf(s.Answers))
	if err != nil {
		var refused *form.Refusal
		if err = mergeRefusal(err); errors.As(err, &refused) {
			return chat.Args{"Plan": s.Text("form.refused", chat.Args{"Reason": s.Text(refused.Key)})}, nil
		}
		return nil, err
	}
	kept, err := d.ownerBlock(ctx, s.Turn, plan.Kept)
	if err != nil {
		return nil, err
	}
	twin, err := d.ownerBlock(ctx, s.Turn, plan.Twin)
	if err != nil {
		return nil, err
	}
	effects, err := d.effects(ctx, s.Turn, plan)
	if err != nil {
		return nil, err
	}
	return chat.Args{"Plan": chat.Paragraphs(
		chat.Lines(s.Text("desk.merge.decide.stays"), kept),
		chat.Lines(s.Text("desk.merge.decide.goes"), twin),
		chat.Lines(effects...),
	)}, nil
}

// How much of a card is shown where two stand in one message.
const (
	petsInBlock  = 6
	namesInBlock = 12
	noteInBlock  = 200
)

// ownerBlock is what tells two cards apart, a line each.
func (d *Desk) ownerBlock(ctx context.Context, t *chat.Turn, owner registry.Owner) (chat.HTML, error) {
	lines := []chat.HTML{t.Text("desk.card.owner", chat.Args{"Owner": owner.Name, "Code": chat.Code(owner.Code)})}
	for _, phone := range []string{owner.Phone, owner.SecondPhone} {
		if phone != "" {
			lines = append(lines, t.Text("desk.merge.decide.phone", chat.Args{"Phone": d.phone(t, phone)}))
		}
	}
	if owner.Note != "" {
		lines = append(lines, t.Text("desk.card.note", chat.Args{"Note": shorten(owner.Note, noteInBlock)}))
	}
	lines = append(lines, since(t, owner.RegisteredAt, owner.RegisteredBy))
	for _, pet := range owner.Pets[:min(len(owner.Pets), petsInBlock)] {
		line, err := d.petOnCard(ctx, t, pet)
		if err != nil {
			return "", err
		}
		lines = append(lines, line)
	}
	if more := len(owner.Pets) - petsInBlock; more > 0 {
		lines = append(lines, t.Text("desk.merge.decide.more_pets", chat.Args{"Count": more}))
	}
	return chat.Lines(lines...), nil
}

// effects are what merging does, a line each.
func (d *Desk) effects(ctx context.Context, t *chat.Turn, plan registry.MergePlan) ([]chat.HTML, error) {
	lines := []chat.HTML{t.Text("desk.merge.decide.effects")}
	say := func(key string, args chat.Args) { lines = append(lines, t.Text("desk.merge.effect."+key, args)) }
	if same := samePets(plan); len(same) > 0 {
		say("same_pets", chat.Args{"Count": len(same), "Pets": d.names(t, same)})
	}
	if len(plan.Moving) > 0 {
		say("pets", chat.Args{"Count": len(plan.Moving), "Pets": d.names(t, plan.Moving)})
	}
	if plan.SecondPhone != "" {
		say("second_phone", chat.Args{"Phone": d.phone(t, plan.SecondPhone)})
	}
	for _, phone := range plan.NotedPhones {
		say("noted_phone", chat.Args{"Phone": d.phone(t, phone)})
	}
	if plan.TakesNote {
		say("note", nil)
	}
	if plan.ChannelID != 0 {
		channel, err := d.channelName(ctx, t, plan.ChannelID)
		if err != nil {
			return nil, err
		}
		say("channel", chat.Args{"Channel": channel})
	}
	say("code", chat.Args{"Code": chat.Code(plan.Twin.Code)})
	say("undo", nil)
	return lines, nil
}

// samePets are the pets that become one, as they are on the card that stays.
func samePets(plan registry.MergePlan) (pets []registry.Pet) {
	for _, pair := range plan.Pairs {
		if !pair.Apart {
			pets = append(pets, petIn(plan.Kept, pair.Kept))
		}
	}
	return pets
}

func (d *Desk) phone(t *chat.Turn, phone string) chat.HTML {
	return chat.Code(registry.ShowPhone(phone, country(t)))
}

// names lists pets by name, the first of many.
func (d *Desk) names(t *chat.Turn, pets []registry.Pet) string {
	var names []string
	for _, pet := range pets[:min(len(pets), namesInBlock)] {
		names = append(names, shorten(pet.Name, shortName))
	}
	if len(pets) > namesInBlock {
		names = append(names, "…")
	}
	return strings.Join(names, t.Plain("list.comma"))
}

// mergeChoices are the decision, a switch for every pet that is on both cards, and the other way round.
func (d *Desk) mergeChoices(ctx context.Context, s form.Step) ([]form.Choice, error) {
	plan, err := d.registry.PlanMerge(ctx, *s.Speaker.Member, mergingOf(s.Answers))
	if err != nil {
		var refused *form.Refusal
		if err = mergeRefusal(err); errors.As(err, &refused) {
			return []form.Choice{{Value: decideMerge, Label: s.Plain("desk.merge.decide.again")}}, nil // saving asks anew
		}
		return nil, err
	}
	choices := []form.Choice{{Value: decideMerge, Label: s.Plain("desk.merge.decide.merge")}}
	for _, pair := range plan.Pairs {
		key := "desk.merge.decide.keep_apart"
		if pair.Apart {
			key = "desk.merge.decide.make_one"
		}
		choices = append(choices, form.Choice{
			Value: chat.Data(decidePet, decimal(pair.Twin)),
			Label: s.Plain(key, chat.Args{"Pet": shorten(petIn(plan.Kept, pair.Kept).Name, shortName)}),
		})
	}
	return append(choices, form.Choice{Value: decideSwap, Label: s.Plain("desk.merge.decide.swap")}), nil
}

func petIn(owner registry.Owner, petID int64) registry.Pet {
	for _, pet := range owner.Pets {
		if pet.ID == petID {
			return pet
		}
	}
	return registry.Pet{}
}

// openUnmerge asks whether a merge shall be undone, and does so after a yes: the argument is "7" or "7:yes".
func (d *Desk) openUnmerge(ctx context.Context, t *chat.Turn, argument string) error {
	id, answer, _ := strings.Cut(argument, ":")
	if answer == "yes" {
		return d.unmerge(ctx, t, idOf(id))
	}
	merge, err := d.registry.FindMerge(ctx, *t.Speaker.Member, idOf(id))
	if err != nil {
		return d.explainUnmerge(ctx, t, merge, err)
	}
	_, err = t.Show(ctx, chat.Screen{
		Text: t.Text("desk.unmerge.ask", chat.Args{
			"Owner": merge.OwnerName, "OwnerCode": chat.Code(merge.OwnerCode), "Twin": merge.TwinName, "TwinCode": chat.Code(merge.TwinCode),
			"Staff": merge.By, "Day": chat.HTML(t.Day(merge.At.In(t.Speaker.Member.Zone()))), "Until": d.undoUntil(t, merge.At),
		}),
		Rows: [][]chat.Button{
			{{Label: t.Plain("desk.unmerge.sure"), Data: chat.Data(routeUnmerge, id, "yes")}},
			{{Label: t.Plain("form.back"), Data: chat.Data(routeOwner, decimal(merge.OwnerID))}},
		},
	})
	return err
}

func (d *Desk) unmerge(ctx context.Context, t *chat.Turn, mergeID int64) error {
	merge, err := d.registry.UndoMerge(ctx, *t.Speaker.Member, mergeID)
	if err != nil {
		return d.explainUnmerge(ctx, t, merge, err)
	}
	owner, err := d.registry.Card(ctx, *t.Speaker.Member, merge.OwnerID)
	if err != nil {
		return d.explain(ctx, t, err)
	}
	screen, err := d.card(ctx, t, owner, t.Text("desk.unmerge.done", chat.Args{"Twin": merge.TwinName}))
	if err != nil {
		return err
	}
	open := chat.Button{
		Label: t.Plain("desk.unmerge.open", chat.Args{"Twin": merge.TwinName}),
		Data:  chat.Data(routeOwner, decimal(merge.TwinID)),
	}
	screen.Rows = append([][]chat.Button{{open}}, screen.Rows...)
	_, err = t.Show(ctx, screen)
	return err
}

// explainUnmerge says why a merge cannot be undone.
func (d *Desk) explainUnmerge(ctx context.Context, t *chat.Turn, merge registry.Merge, err error) error {
	for _, known := range []struct {
		err error
		key string
	}{
		{registry.ErrMergeUndone, "desk.unmerge.undone"},
		{registry.ErrMergeFollowed, "desk.unmerge.followed"},
		{registry.ErrMergeTooOld, "desk.unmerge.too_old"},
		{registry.ErrMerged, "desk.unmerge.merged"},
	} {
		if errors.Is(err, known.err) {
			return t.Alert(ctx, t.Plain(known.key, chat.Args{"Owner": merge.OwnerName, "Twin": merge.TwinName}))
		}
	}
	return d.explain(ctx, t, err)
}

// undoUntil is the last day on which a merge can surely be undone.
func (d *Desk) undoUntil(t *chat.Turn, mergedAt time.Time) chat.HTML {
	return chat.HTML(t.Day(mergedAt.Add(registry.MergeUndoTime).In(t.Speaker.Member.Zone())))
}
