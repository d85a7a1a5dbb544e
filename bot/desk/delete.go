package desk

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/internal/registry"
)

// openDelete asks before a card is deleted, "owner:7", and deletes it as it was seen, "owner:7:3" in its third version.
func (d *Desk) openDelete(ctx context.Context, t *chat.Turn, argument string) error {
	kind, id, seen := splitCard(argument)
	version, err := strconv.Atoi(seen)
	if err != nil {
		return d.askDelete(ctx, t, kind, id)
	}
	screen, err := d.deleted(ctx, t, kind, id, version)
	switch {
	case errors.Is(err, registry.ErrChanged):
		screen, err = d.cardOf(ctx, t, kind, id, t.Text("desk.delete.changed"))
		if err != nil {
			return err
		}
	case err != nil:
		return d.explain(ctx, t, err)
	}
	_, err = t.Show(ctx, screen)
	return err
}

// askDelete says what would go, since when it is there, and how long it can be taken back.
func (d *Desk) askDelete(ctx context.Context, t *chat.Turn, kind, id string) error {
	question, version, err := d.impact(ctx, t, kind, id)
	if err != nil {
		return d.explain(ctx, t, err)
	}
	_, err = t.Show(ctx, chat.Screen{
		Text: chat.Lines(question, t.Text("desk.delete.undoable", undoTime())),
		Rows: [][]chat.Button{
			{{Label: t.Plain("desk.delete.sure"), Data: chat.Data(routeDelete, kind, id, strconv.Itoa(version))}},
			{{Label: t.Plain("form.back"), Data: chat.Data(kind, id)}},
		},
	})
	return err
}

func (d *Desk) impact(ctx context.Context, t *chat.Turn, kind, id string) (chat.HTML, int, error) {
	zone := t.Speaker.Member.Zone()
	if kind == cardOfPet {
		pet, err := d.petFrom(ctx, t, id)
		if err != nil {
			return "", 0, err
		}
		return t.Text("desk.delete.ask_pet", chat.Args{
			"Pet": pet.Name, "Owner": pet.Owner.Name, "Day": chat.HTML(t.Day(pet.RegisteredAt.In(zone))),
		}), pet.Version, nil
	}
	owner, err := d.ownerFrom(ctx, t, id)
	if err != nil {
		return "", 0, err
	}
	ask := t.Text("desk.delete.ask_owner", chat.Args{
		"Owner": owner.Name, "Day": chat.HTML(t.Day(owner.RegisteredAt.In(zone))),
	})
	if len(owner.Pets) == 0 {
		return ask, owner.Version, nil
	}
	var names []string
	for _, pet := range owner.Pets[:min(len(owner.Pets), petsOnCard)] {
		names = append(names, shorten(pet.Name, shortName))
	}
	if len(names) < len(owner.Pets) {
		names = append(names, "…")
	}
	along := t.Text("desk.delete.pets_too", chat.Args{"Count": len(owner.Pets), "Pets": strings.Join(names, t.Plain("list.comma"))})
	return chat.Lines(ask, along), owner.Version, nil
}

func (d *Desk) deleted(ctx context.Context, t *chat.Turn, kind, id string, version int) (chat.Screen, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return chat.Screen{}, registry.ErrNotFound
	}
	by := *t.Speaker.Member
	var done registry.Deletion
	back := [][]chat.Button{}
	if kind == cardOfPet {
		done, err = d.registry.DeletePet(ctx, by, number, version)
		back = append(back, chat.Row(chat.Button{Label: t.Plain("desk.delete.to_owner"), Data: chat.Data(routeOwner, decimal(done.Owner))}))
	} else {
		done, err = d.registry.DeleteOwner(ctx, by, number, version)
	}
	if err != nil {
		return chat.Screen{}, err
	}
	text := t.Text("desk.delete.done", chat.Args{"Name": done.Name})
	if done.Pets > 0 {
		text = t.Text("desk.delete.done_with_pets", chat.Args{"Name": done.Name, "Count": done.Pets})
	}
	undo := chat.Row(chat.Button{Label: t.Plain("desk.delete.undo", undoTime()), Data: chat.Data(routeUndo, kind, id)})
	return chat.Screen{Text: text, Rows: append([][]chat.Button{undo}, back...)}, nil
}

// openUndo takes a deletion back, within its time.
func (d *Desk) openUndo(ctx context.Context, t *chat.Turn, argument string) error {
	kind, id, _ := splitCard(argument)
	screen, err := d.restored(ctx, t, kind, id)
	switch {
	case errors.Is(err, registry.ErrTooLate):
		_, err = t.Show(ctx, chat.Screen{Text: t.Text("desk.delete.too_late", undoTime())})
		return err
	case err != nil:
		return d.explain(ctx, t, err)
	}
	_, err = t.Show(ctx, screen)
	return err
}

func (d *Desk) restored(ctx context.Context, t *chat.Turn, kind, id string) (chat.Screen, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return chat.Screen{}, registry.ErrNotFound
	}
	if kind == cardOfPet {
		pet, err := d.registry.RestorePet(ctx, *t.Speaker.Member, number)
		if err != nil {
			return chat.Screen{}, err
		}
		return d.petCard(ctx, t, pet, t.Text("desk.delete.restored"))
	}
	owner, err := d.registry.RestoreOwner(ctx, *t.Speaker.Member, number)
	if err != nil {
		return chat.Screen{}, err
	}
	return d.card(ctx, t, owner, t.Text("desk.delete.restored"))
}

// undoTime is the time to take a deletion back, in seconds, for the texts that promise it.
func undoTime() chat.Args { return chat.Args{"Count": int(registry.UndoTime.Seconds())} }
