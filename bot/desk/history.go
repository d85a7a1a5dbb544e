package desk

import (
	"context"
	"strconv"
	"strings"
	"time"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/internal/registry"
)

// shortValue is how much of a value the history tells: ten changes, before and after, are to fit a message.
const shortValue = 80

// conflictValue is how much of a value is told beside what somebody else has made of it.
const conflictValue = 300

// openHistory shows what was done to a card, "pet:7", the latest first, or what was before a change, "pet:7:112".
func (d *Desk) openHistory(ctx context.Context, t *chat.Turn, argument string) error {
	kind, id, from := splitCard(argument)
	before, _ := strconv.ParseInt(from, 10, 64)
	name, changes, more, err := d.history(ctx, t, kind, id, before)
	if err != nil {
		return d.explain(ctx, t, err)
	}
	var told []chat.HTML
	for _, change := range changes {
		line, err := d.changeInWords(ctx, t, change)
		if err != nil {
			return err
		}
		if kind == cardOfOwner && change.PetID != 0 && change.Kind == registry.KindChanged {
			line = t.Plain("desk.history.of_pet", chat.Args{"Pet": change.Pet, "What": chat.HTML(line)})
		}
		told = append(told, t.Text("desk.history.change", chat.Args{
			"When": chat.HTML(t.At(change.At, t.Speaker.Member.Zone())), "By": change.By, "What": chat.Escape(line),
		}))
	}
	if len(told) == 0 {
		told = append(told, t.Text("desk.history.empty"))
	}
	var pager []chat.Button
	if before > 0 {
		pager = append(pager, chat.Button{Label: t.Plain("desk.history.latest"), Data: chat.Data(routeHistory, kind, id)})
	}
	if more {
		pager = append(pager, chat.Button{
			Label: t.Plain("desk.history.earlier"), Data: chat.Data(routeHistory, kind, id, decimal(changes[len(changes)-1].ID)),
		})
	}
	_, err = t.Show(ctx, chat.Screen{
		Text: chat.Paragraphs(append([]chat.HTML{t.Text("desk.history.title", chat.Args{"Name": name})}, told...)...),
		Rows: rows(nil, pager, chat.Row(chat.Button{Label: t.Plain("form.back"), Data: chat.Data(kind, id)})),
	})
	return err
}

// history reads a card's name and a page of what was done to it.
func (d *Desk) history(ctx context.Context, t *chat.Turn, kind, id string, before int64) (string, []registry.Change, bool, error) {
	by := *t.Speaker.Member
	if kind == cardOfPet {
		pet, err := d.petFrom(ctx, t, id)
		if err != nil {
			return "", nil, false, err
		}
		changes, more, err := d.registry.PetHistory(ctx, by, pet.ID, before)
		return pet.Name, changes, more, err
	}
	owner, err := d.ownerFrom(ctx, t, id)
	if err != nil {
		return "", nil, false, err
	}
	changes, more, err := d.registry.OwnerHistory(ctx, by, owner.ID, before)
	return owner.Name, changes, more, err
}

// changeInWords tells what was done, without markup: what is now, then what was before, as an arrow between them would
// point the wrong way in half of the languages.
func (d *Desk) changeInWords(ctx context.Context, t *chat.Turn, change registry.Change) (string, error) {
	args := chat.Args{"Pet": change.Pet, "Before": change.Before, "After": change.After}
	switch change.Kind {
	case registry.KindChanged:
		return d.fieldInWords(ctx, t, change)
	case registry.KindMoved:
		if change.Field == registry.MovedAway {
			return t.Plain("desk.history.moved_away", args), nil
		}
		return t.Plain("desk.history.moved_here", args), nil
	case registry.KindDeceased:
		if change.After == "" {
			return t.Plain("desk.history.alive", args), nil
		}
		day, err := d.fieldValue(ctx, t, registry.ChangedDeceased, change.After)
		args["Day"] = chat.HTML(day)
		return t.Plain("desk.history.deceased", args), err
	}
	args["Name"] = shorten(change.Before+change.After, shortValue)
	subject := "owner"
	if change.PetID != 0 {
		subject = "pet"
	}
	return t.Plain("desk.history."+string(change.Kind)+"_"+subject, args), nil
}

func (d *Desk) fieldInWords(ctx context.Context, t *chat.Turn, change registry.Change) (string, error) {
	before, err := d.fieldValue(ctx, t, change.Field, change.Before)
	if err != nil {
		return "", err
	}
	after, err := d.fieldValue(ctx, t, change.Field, change.After)
	if err != nil {
		return "", err
	}
	key := "desk.history.changed"
	switch {
	case before == "":
		key = "desk.history.filled"
	case after == "":
		key = "desk.history.emptied"
	}
	return t.Plain(key, chat.Args{
		"Field": chat.HTML(fieldLabel(t.Locale, change.Field)), "Before": oneLine(before), "After": oneLine(after),
	}), nil
}

func oneLine(value string) string {
	return shorten(strings.ReplaceAll(value, "\n", " "), shortValue)
}

func fieldLabel(locale chat.Locale, field string) string {
	return locale.Plain("desk.change." + field + ".label")
}

// showValue tells a value of the field that is changed: whole, unless two of them stand in one message.
func (d *Desk) showValue(ctx context.Context, s form.Step, value string) (string, error) {
	shown, err := d.fieldValue(ctx, s.Turn, s.Item[keptField], value)
	if s.Item[keptNow] != "" {
		shown = shorten(shown, conflictValue)
	}
	return shown, err
}

// fieldValue tells a value of a card as people say it, without markup; nothing for none.
func (d *Desk) fieldValue(ctx context.Context, t *chat.Turn, field, value string) (string, error) {
	if value == "" {
		return "", nil
	}
	switch field {
	case registry.ChangedPhone, registry.ChangedSecondPhone:
		return registry.ShowPhone(value, country(t)), nil
	case registry.ChangedChannel, registry.ChangedSpecies:
		id, err := strconv.Atoi(value)
		if err != nil {
			return "", err
		}
		if field == registry.ChangedChannel {
			return d.channelName(ctx, t, id)
		}
		return d.speciesName(ctx, t, id)
	case registry.ChangedBirth:
		birth, err := registry.ParseBirth(value, d.today(t))
		return birthInWords(t.Locale, birth), err
	case registry.ChangedSex, registry.ChangedNeutered:
		return t.Plain("desk.pet." + field + "." + value), nil
	case registry.ChangedWeight:
		return weightInWords(t.Locale, value), nil
	case registry.ChangedPhoto:
		return t.Plain("desk.history.photo"), nil
	case registry.ChangedDeceased:
		day, err := time.Parse(time.DateOnly, value)
		return t.Day(day), err
	}
	return value, nil
}

// weightInWords tells grams in kilograms, or as grams below one kilogram.
func weightInWords(locale chat.Locale, grams string) string {
	amount, err := strconv.Atoi(grams)
	if err != nil {
		return grams
	}
	if amount < 1000 {
		return locale.Plain("desk.pet.grams", chat.Args{"Weight": amount})
	}
	return locale.Plain("desk.pet.kilograms", chat.Args{"Weight": chat.HTML(strconv.FormatFloat(float64(amount)/1000, 'f', -1, 64))})
}
