"""Words by which servers name what their tools do, in the languages that teams were seen to write them in.

Names of functions are ASCII (OpenAI's API takes a-z, A-Z, 0-9, _ and -), so words with accents stand as people spell
them without. A word that means one thing in one language and another in the next is left out: Spanish `todos` (all) is
English `todos` (tasks).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_BY_LANGUAGE: tuple[Mapping[str, str], ...] = (
    {  # English
        "create": "create add new make insert append register",
        "read": "list read get show search find fetch view query display",
        "update": "update edit modify rename change patch revise",
        "delete": "delete remove erase clear drop discard destroy trash",
        "complete": "complete finish done mark check close resolve tick",
        "bulk": "all bulk every many batch multiple everything",
    },
    {  # German
        "create": "erstellen erstelle anlegen hinzufuegen neu neue erzeugen",
        "read": "auflisten liste zeigen zeige anzeigen lesen abrufen suchen finden",
        "update": "aendern aendere bearbeiten umbenennen aktualisieren",
        "delete": "loeschen loesche entfernen entferne verwerfen",
        "complete": "erledigen erledige erledigt abschliessen abhaken fertig",
        "bulk": "alle alles mehrere saemtliche",
    },
    {  # French
        "create": "creer cree ajouter ajoute nouvelle nouveau",
        "read": "lister afficher affiche lire voir chercher rechercher obtenir montrer",
        "update": "modifier modifie renommer changer editer",
        "delete": "supprimer supprime effacer retirer enlever",
        "complete": "terminer termine achever finir cocher terminee",
        "bulk": "toutes tous tout plusieurs",
    },
    {  # Spanish
        "create": "crear agregar anadir nueva nuevo",
        "read": "listar mostrar leer ver buscar obtener consultar",
        "update": "actualizar editar modificar renombrar cambiar",
        "delete": "eliminar borrar quitar",
        "complete": "completar terminar finalizar marcar",
        "bulk": "todas varias",
    },
    {  # Portuguese
        "create": "criar adicionar nova novo",
        "read": "mostrar exibir ler procurar",
        "update": "atualizar alterar",
        "delete": "excluir apagar remover deletar",
        "complete": "concluir",
        "bulk": "varias",
    },
    {  # Italian
        "create": "creare crea aggiungere aggiungi nuova nuovo",
        "read": "elencare elenca mostrare mostra leggere leggi cercare cerca",
        "update": "aggiornare aggiorna modificare modifica rinominare rinomina",
        "delete": "eliminare elimina cancellare cancella rimuovere rimuovi",
        "complete": "completare completa concludere segna",
        "bulk": "tutte tutti",
    },
    {  # Dutch
        "create": "maak maken toevoegen nieuwe",
        "read": "toon tonen lijst zoek zoeken ophalen",
        "update": "wijzig wijzigen bewerk bewerken hernoem hernoemen bijwerken",
        "delete": "verwijder verwijderen wis wissen",
        "complete": "voltooi voltooien afronden afvinken",
        "bulk": "alle",
    },
    {  # Polish
        "create": "dodaj utworz stworz",
        "read": "pokaz wyswietl pobierz znajdz",
        "update": "zmien edytuj zaktualizuj",
        "delete": "usun skasuj",
        "complete": "zakoncz ukoncz",
        "bulk": "wszystkie",
    },
    {  # Turkish
        "create": "ekle olustur",
        "read": "listele goster ara getir",
        "update": "guncelle duzenle degistir",
        "delete": "sil kaldir",
        "complete": "tamamla bitir",
        "bulk": "tum hepsi",
    },
    {  # Indonesian
        "create": "buat tambah",
        "read": "daftar lihat tampilkan cari",
        "update": "ubah perbarui",
        "delete": "hapus",
        "complete": "selesaikan selesai",
        "bulk": "semua",
    },
    {  # Japanese, in Latin letters
        "create": "sakusei tsuika",
        "read": "ichiran hyouji kensaku",
        "update": "henkou koushin",
        "delete": "sakujo",
        "complete": "kanryou",
        "bulk": "subete",
    },
    {  # Chinese, in Latin letters
        "create": "chuangjian tianjia xinjian",
        "read": "liebiao chaxun xianshi",
        "update": "xiugai gengxin",
        "delete": "shanchu",
        "complete": "wancheng",
        "bulk": "quanbu suoyou",
    },
)


def _joined(role: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for language in _BY_LANGUAGE for word in language[role].split()))


VERBS: Mapping[str, tuple[str, ...]] = {
    role: _joined(role) for role in ("create", "read", "update", "delete", "complete")
}
"""Words of a tool's name that tell its role."""

STRENGTH: Mapping[str, Mapping[str, int]] = {
    role: {
        word: max(1, 10 - place)
        for language in reversed(_BY_LANGUAGE)
        for place, word in reversed(list(enumerate(language[role].split())))
    }
    for role in VERBS
}
"""How surely each word tells its role: 10 for the first of its language, less for the next, at least 1."""

BULK = _joined("bulk")
"""Words that make complete and delete into their bulk roles."""


ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    fact: tuple(names.split())
    for fact, names in {
        "id": "id task_id todo_id item_id uuid identifier task key nummer numero kennung codigo codice",
        "ids": "ids task_ids todo_ids item_ids",
        "title": (
            "title name text task todo summary content subject description titel titulo titre titolo "
            "nombre nome aufgabe tarea tarefa tache tytul baslik judul"
        ),
        "new_title": (
            "new_title title new_name name text summary content subject neuer_titel nuevo_titulo "
            "nouveau_titre titel titulo titre titolo nombre nome baslik judul"
        ),
        "description": (
            "description details notes note body beschreibung descripcion descricao descrizione "
            "notizen notas opis aciklama"
        ),
        "new_description": (
            "new_description description details notes note body beschreibung descripcion descricao "
            "descrizione notizen notas opis aciklama"
        ),
        "due_date": "due_date due deadline due_at date faellig frist fecha vencimiento echeance scadenza",
        "priority": "priority importance prioritaet prioridad prioridade priorite priorita",
        "tags": "tags labels categories etiketten etiquetas etiquettes",
        "completed": "completed done is_completed complete status erledigt completada terminee concluida",
        "confirm": (
            "confirm confirmed confirmation sure force bestaetigt bestaetigen bestaetigung confirmar "
            "confirmado confirmada confirmer conferma confermato potwierdz onayla bevestig bevestigd bevestigen "
            "bevestiging bekrafta bekraftad bekraeft bekraeftet bekreft bekreftet vahvista konfirmasi potvrdit"
        ),
    }.items()
}
"""Names that an argument may have for a fact, the likeliest first; a fact not listed goes by its own name."""


NEW = (
    *("new", "updated", "changed", "neu", "neue", "neuer", "neues", "nouveau", "nouvelle", "nuevo", "nueva", "novo"),
    *("nova", "nuovo", "nuova", "nieuw", "nieuwe", "nowy", "nowa", "yeni", "baru"),
)
"""Words before the name of a fact that say that it is what the fact becomes."""


def words(name: str) -> list[str]:
    """The words of an identifier or a text, small and without accents: `markTaskDone` and `mark_task_done` alike."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode("ascii")
    return [w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", plain)]


def singular(word: str) -> str:
    """A noun without the ending of the commonest plurals: tasks, tareas and taches; Aufgaben."""
    for ending, rest in (("s", ""), ("en", "e")):
        if word.endswith(ending) and len(word) > 3:
            return word.removesuffix(ending) + rest
    return word


def verb_of(description: str) -> str:
    """The role whose verb begins a description ("Creates a task", "Elimina una tarea"), or "".

    Only the first word counts: what stands later may be what the tool does not do.
    """
    first = (words(description) or [""])[0]
    stems = {first, first.removesuffix("s"), first.removesuffix("es"), first.removesuffix("ing"), first + "r"}
    return next((role for role, verbs in VERBS.items() if stems.intersection(verbs)), "")
