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

// changeMove is the change that gives a pet to another owner; the other changes are the registry's fields.
const changeMove = "owner"

// What a change keeps besides its answer: which card in which version, and what is to be decided.
const (
	keptKind    = "kind" // of the card
	keptID      = "id"
	keptVersion = "version"
	keptField   = "field"
	keptWarning = "warning" // why one should be sure, in words
	keptNow     = "now"     // the version somebody else has made meanwhile
	keptSince   = "since"   // what they did, in words

	fieldOfPet    = "of_pet"
	fieldOfOwner  = "of_owner"
	fieldWas      = "was"
	fieldSure     = "sure"
	fieldConflict = "conflict"

	sureYes       = "yes"
	conflictApply = "apply"
	conflictLeave = "leave"
)

// changes is the conversation that changes one field of a card: the one asked for applies, and no other. Then it may
// have to be said once more, where the answer is odd, or where somebody else was quicker.
func (d *Desk) changes() *form.Form {
	fixed := []form.Field{
		{Name: fieldOfPet, Fixed: true},
		{Name: fieldOfOwner, Fixed: true},
		{Name: fieldWas, Fixed: true, Show: d.showValue},
	}
	asked := d.changeFields()
	for i, field := range asked {
		asked[i].Applies = func(_ context.Context, s form.Step) (bool, error) { return s.Item[keptField] == field.Name, nil }
		if field.Show == nil {
			asked[i].Show = d.showValue
		}
	}
	decided := []form.Field{
		{Name: fieldSure, Hidden: true, Columns: 1, Applies: isOdd, Args: warning, Choices: sureChoices},
		{Name: fieldConflict, Hidden: true, Columns: 1, Applies: isOutrun, Args: whatWasDone, Choices: conflictChoices, Choose: d.chooseConflict},
	}
	return &form.Form{
		Name: "change", Texts: "desk.change", Right: staff.RightWriteRegistry, Brief: true,
		Fields: slices.Concat(fixed, asked, decided), Save: d.saveChange, Cancelled: d.leaveChange,
	}
}

// openChange shows what can be changed about a card, "pet:7", or asks for it, "pet:7:weight".
func (d *Desk) openChange(ctx context.Context, t *chat.Turn, argument string) error {
	kind, id, field := splitCard(argument)
	answers := dialog.NewAnswers()
	answers.Item[keptKind], answers.Item[keptID] = kind, id
	fields, err := d.begun(ctx, t, answers.Item)
	if err != nil {
		return d.explain(ctx, t, err)
	}
	if field == "" {
		_, err := t.Show(ctx, changeMenu(t, answers.Item, fields))
		return err
	}
	if _, offered := fields[field]; !offered {
		return d.explain(ctx, t, registry.ErrNotFound)
	}
	answers.Item[keptField], answers.Item[fieldWas] = field, fields[field]
	return d.forms.Begin(ctx, t, "change", answers)
}

// begun notes the card to be changed as it is now, and returns its fields with their values.
func (d *Desk) begun(ctx context.Context, t *chat.Turn, item dialog.Item) (map[string]string, error) {
	values := map[string]string{}
	if item[keptKind] == cardOfPet {
		pet, err := d.petFrom(ctx, t, item[keptID])
		if err != nil {
			return nil, err
		}
		for _, field := range registry.PetFields() {
			values[field] = pet.Field(field)
		}
		values[changeMove] = ""
		item[fieldOfPet], item[fieldOfOwner], item[keptVersion] = pet.Name, pet.Owner.Name, strconv.Itoa(pet.Version)
		return values, nil
	}
	owner, err := d.ownerFrom(ctx, t, item[keptID])
	if err != nil {
		return nil, err
	}
	for _, field := range registry.OwnerFields() {
		values[field] = owner.Field(field)
	}
	item[fieldOfOwner], item[keptVersion] = owner.Name, strconv.Itoa(owner.Version)
	return values, nil
}

// changeMenu offers the fields of a card.
func changeMenu(t *chat.Turn, item dialog.Item, fields map[string]string) chat.Screen {
	kind, route, name := cardOfOwner, routeOwner, item[fieldOfOwner]
	order := registry.OwnerFields()
	if item[keptKind] == cardOfPet {
		kind, route, name = cardOfPet, routePet, item[fieldOfPet]
		order = append(registry.PetFields(), changeMove)
	}
	var buttons []chat.Button
	for _, field := range order {
		key := "form.change"
		switch {
		case field == changeMove, field == registry.ChangedDeceased:
			key = "desk.change." + field + ".button"
		case fields[field] == "":
			key = "form.add"
		}
		buttons = append(buttons, chat.Button{
			Label: t.Plain(key, chat.Args{"Field": chat.HTML(fieldLabel(t.Locale, field))}),
			Data:  chat.Data(routeChange, kind, item[keptID], field),
		})
	}
	return chat.Screen{
		Text: chat.Paragraphs(chat.Bold(chat.Escape(name)), t.Text("form.what_to_change")),
		Rows: rows(chat.Columns(2, buttons), chat.Row(chat.Button{Label: t.Plain("form.back"), Data: chat.Data(route, item[keptID])})),
	}
}

// saveChange makes the change, once however often it is sent, and shows the card.
func (d *Desk) saveChange(ctx context.Context, t *chat.Turn, _ form.Key, answers dialog.Answers) (chat.Screen, error) {
	item := answers.Item
	screen, err := d.changed(ctx, t, item)
	var ownerChanged *registry.OwnerChanged
	var petChanged *registry.PetChanged
	switch {
	case err == nil:
		return screen, nil
	case errors.As(err, &ownerChanged):
		return screen, d.outrun(ctx, t, item, ownerChanged.Now.Version, ownerChanged.Now.Field(item[keptField]), ownerChanged.Since)
	case errors.As(err, &petChanged):
		return screen, d.outrun(ctx, t, item, petChanged.Now.Version, petChanged.Now.Field(item[keptField]), petChanged.Since)
	case errors.Is(err, registry.ErrNotFound):
		return screen, &form.Departure{Screen: chat.Screen{Text: t.Text("desk.not_found")}}
	}
	delete(item, item[keptField]) // asked again
	return screen, refusal(err)
}

func (d *Desk) changed(ctx context.Context, t *chat.Turn, item dialog.Item) (chat.Screen, error) {
	id, err := strconv.ParseInt(item[keptID], 10, 64)
	if err != nil {
		return chat.Screen{}, registry.ErrNotFound
	}
	version, _ := strconv.Atoi(item[keptVersion])
	by, field := *t.Speaker.Member, item[keptField]
	to := registry.FieldChange{Field: field, Value: item[field]}
	if item[keptKind] == cardOfOwner {
		owner, err := d.registry.ChangeOwner(ctx, by, id, version, to)
		if err != nil {
			return chat.Screen{}, err
		}
		return d.card(ctx, t, owner, t.Text("desk.change.saved"))
	}
	var pet registry.PetCard
	if field == changeMove {
		receiver, _ := strconv.ParseInt(to.Value, 10, 64)
		pet, err = d.registry.MovePet(ctx, by, id, version, receiver)
	} else {
		pet, err = d.registry.ChangePet(ctx, by, id, version, to)
	}
	if err != nil {
		return chat.Screen{}, err
	}
	return d.petCard(ctx, t, pet, t.Text("desk.change.saved"))
}

// outrun has the person decide after somebody else's change: it is told, and the value as it is now.
func (d *Desk) outrun(ctx context.Context, t *chat.Turn, item dialog.Item, version int, value string, since []registry.Change) error {
	var lines []string
	for _, change := range since {
		line, err := d.changeInWords(ctx, t, change)
		if err != nil {
			return err
		}
		lines = append(lines, t.Plain("desk.change.conflict.line", chat.Args{"By": change.By, "What": chat.HTML(line)}))
	}
	item[keptNow], item[keptSince], item[fieldWas] = strconv.Itoa(version), strings.Join(lines, "\n"), value
	return form.Refuse("desk.change.conflict.outrun", nil)
}

func isOutrun(_ context.Context, s form.Step) (bool, error) { return s.Item[keptNow] != "", nil }

func whatWasDone(_ context.Context, s form.Step) (chat.Args, error) {
	var lines []chat.HTML
	for line := range strings.SplitSeq(s.Item[keptSince], "\n") {
		lines = append(lines, chat.Escape(line))
	}
	return chat.Args{"Changes": chat.Lines(lines...)}, nil
}

func conflictChoices(_ context.Context, s form.Step) ([]form.Choice, error) {
	return []form.Choice{
		{Value: conflictApply, Label: s.Plain("desk.change.conflict.apply")},
		{Value: conflictLeave, Label: s.Plain("desk.change.conflict.leave")},
	}, nil
}

// chooseConflict applies the change to the version that is there now, or leaves that as it is.
func (d *Desk) chooseConflict(ctx context.Context, s form.Step, value string) error {
	if value == conflictLeave {
		screen, err := d.leaveChange(ctx, s.Turn, s.Answers)
		if err != nil {
			return err
		}
		return &form.Departure{Screen: screen}
	}
	s.Item[keptVersion] = s.Item[keptNow]
	delete(s.Item, keptNow)
	delete(s.Item, keptSince)
	return nil
}

// leaveChange shows the card as it is, where it is still there and the person still of that clinic.
func (d *Desk) leaveChange(ctx context.Context, t *chat.Turn, answers dialog.Answers) (chat.Screen, error) {
	if !t.Speaker.May(staff.RightReadRegistry) || t.Speaker.Member == nil {
		return chat.Screen{Text: t.Text("form.cancelled")}, nil
	}
	screen, err := d.cardOf(ctx, t, answers.Item[keptKind], answers.Item[keptID], t.Text("form.cancelled"))
	if errors.Is(err, registry.ErrNotFound) {
		return chat.Screen{Text: t.Text("form.cancelled")}, nil
	}
	return screen, err
}

// cardOf draws the card of an owner or a pet.
func (d *Desk) cardOf(ctx context.Context, t *chat.Turn, kind, id string, headline chat.HTML) (chat.Screen, error) {
	if kind == cardOfPet {
		pet, err := d.petFrom(ctx, t, id)
		if err != nil {
			return chat.Screen{}, err
		}
		return d.petCard(ctx, t, pet, headline)
	}
	owner, err := d.ownerFrom(ctx, t, id)
	if err != nil {
		return chat.Screen{}, err
	}
	return d.card(ctx, t, owner, headline)
}

// splitCard takes a button's argument apart: "pet:7:weight".
func splitCard(argument string) (kind, id, rest string) {
	kind, rest, _ = strings.Cut(argument, ":")
	id, rest, _ = strings.Cut(rest, ":")
	if kind != cardOfPet {
		kind = cardOfOwner
	}
	return kind, id, rest
}

func isOdd(_ context.Context, s form.Step) (bool, error) { return s.Item[keptWarning] != "", nil }

func warning(_ context.Context, s form.Step) (chat.Args, error) {
	return chat.Args{"Warning": s.Item[keptWarning]}, nil
}

func sureChoices(_ context.Context, s form.Step) ([]form.Choice, error) {
	return []form.Choice{{Value: sureYes, Label: s.Plain("desk.change.sure.yes")}}, nil
}
