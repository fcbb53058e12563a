"""Pairs of other fields than a race: an election night, a rocket launch, a cup final, a storm, a strike.

They were written before the comparison was, and nothing was tuned to them: their figures say how it does on what it has not
seen. Whoever changes the comparison looks at the other families, and at these only at the end, as a figure.
"""

# Texts that are copied: what the transformations are applied to.
BASES = (
    "Polls have just closed across the whole county and the first ballot boxes are already on their way to the sports hall",
    "The queue outside the polling station on Mill Road goes round the block twice, and somebody is handing out soup",
    "Returning officer says the count in Harrowgate Vale will not be finished before breakfast, “bring a pillow”",
    "Exit poll suggests a hung council for the third time running; both leaders refuse to comment on talks",
    "Turnout in Eastmere was 61.4%, the highest since 1987, according to the council's own figures tonight",
    "She has lost her seat by eleven votes after three recounts and is hugging everyone in the room, even her opponent",
    "Wir stehen seit zwei Stunden vor dem Wahllokal und niemand geht nach Hause, die Stimmung ist trotzdem großartig",
    "Le dépouillement vient de commencer dans la salle des fêtes, les bénévoles ont apporté du café et des croissants",
    "El recuento va muy despacio esta noche en Valdeprado, pero la plaza está llena y nadie quiere irse a dormir",
    "A contagem começou agora no ginásio e os voluntários cantam enquanto separam os boletins de cada freguesia",
    "Lo spoglio è appena iniziato nella palestra della scuola e fuori c'è già chi festeggia con le bandiere",
    "開票作業が始まりました。体育館には朝から多くのボランティアが集まり、静かに票を数えています。結果は深夜になりそうです。",
    "Engines ignited, tower clear, and the whole beach just went completely silent before it screamed. I have no words left",
    "Weather officer gives a 70 percent chance of acceptable conditions for this evening's launch window at the cape",
    "Second stage separation confirmed, you can hear the whole control room breathe out at the same time on the stream",
    "The booster has landed upright on the barge in the Atlantic, seagulls unimpressed, children on shoulders very impressed",
    "Hold, hold, hold: the countdown has been stopped at T minus 40 seconds because of a stuck valve on the pad",
    "My grandfather worked on the first one of these and he watched today's with a blanket on his knees and tears in his eyes",
    "Der Start wurde wegen starker Höhenwinde abgebrochen, ein neuer Versuch ist frühestens am Donnerstagabend möglich",
    "Le lanceur a décollé à l'heure prévue et le satellite a été placé en orbite, applaudissements nourris au centre de contrôle",
    "Full time and the underdogs have done it, the away end is a wall of scarves and grown men are crying on strangers",
    "Penalty saved! The keeper guessed left, stayed tall, and now the whole stadium is shaking like a washing machine",
    "Kick-off has been delayed by fifteen minutes because of traffic around the ground, says the club's own account",
    "Captain lifts the cup in the pouring rain while the brass band plays on, soaked, and nobody leaves the stand",
    "Unglaublich, in der letzten Minute der Nachspielzeit trifft der Torwart per Kopf und das Stadion steht kopf",
    "Qué final, señoras y señores: el portero para dos penaltis y la afición invade el centro de la ciudad cantando",
    "The river is over the towpath at Kingsford lock and the council is asking people to move their cars off Water Lane now",
    "Power is back on in most of the valley after last night's storm, engineers still working on the lines above the quarry",
    "No trains between Oakhurst and the coast until the tree is off the line, tickets accepted on the 44 bus instead",
    "Teachers at the gates of the primary school this morning with drums, biscuits and the best hand-painted signs in town",
)  # fmt: skip

# Templates that differ in a fact: each of the fillings with each other is a pair that must not be one story.
TEMPLATES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "name": (
        ("{} has conceded in the mayoral race and thanked the volunteers who knocked on doors through the winter rain", ("Ortega", "Whitlock", "Adeyemi", "Moss", "Voss", "Marlow", "Harlow")),
        ("What a goal by {}, top corner from thirty yards, the keeper did not even move and neither did anybody else", ("Bellini", "Bellina", "Novak", "Nowak", "Okafor", "Okoro")),
        ("Commander {} is walking out to the pad now, waving to the families behind the fence and stopping for a photo", ("Ruiz", "Reyes", "Hale", "Dale", "Anders", "Sanders")),
        ("Bürgermeisterin wird nach vorläufigem Ergebnis {}, die Anhänger singen schon seit einer Stunde im Ratskeller", ("Brandt", "Brand", "Keller", "Kehler", "Vogt")),
        ("so proud of {} who counted votes all night and then went straight to school in the morning without a nap", ("hannah", "martha", "joanne", "joanna", "luca", "luka")),
    ),
    "place": (
        ("Polls have closed in {} and the first boxes are already arriving at the sports hall under a police escort", ("Eastmere", "Westmere", "Kingsford", "Kingsfold", "Oakhurst", "Harrowgate Vale")),
        ("Flooding reported on the high street in {}, please avoid the area and check on your neighbours if you safely can", ("Barton", "Burton", "Marston", "Thornby", "Thornbury")),
        ("Scrutin terminé à {}, les urnes sont scellées et partent maintenant vers la préfecture sous bonne garde", ("Valmont", "Belmont", "Clairville", "Grandville")),
    ),
    "number": (
        ("With {} of 48 wards declared the council is still hanging by a thread and nobody in the hall dares to go home", ("31", "32", "13", "41", "4")),
        ("Turnout in the second ward was {} percent, says the returning officer, and the tea has now run out completely", ("58", "85", "58.5", "59", "sixty", "fifty")),
        ("The crowd inside the national stadium tonight is {}, a record for a final between two clubs of this division", ("81,204", "81,402", "18,204", "81,205")),
        ("Bus {} is accepting train tickets while the line to the coast is closed because of the fallen tree this morning", ("44", "45", "144", "4", "N4")),
        ("{} voters were still in the queue when the doors closed, and every one of them was allowed to cast a ballot", ("Forty", "Fourteen", "Fifty", "Four", "Five")),
    ),
    "time": (
        ("Launch is now scheduled for {} local time after the upper level winds eased off the coast this afternoon", ("19:40", "19:45", "20:40", "7pm", "8pm")),
        ("The result from the town hall is expected at about {}, so settle in and put the kettle on for the whole street", ("2am", "3am", "02:30", "noon", "midnight")),
        ("T minus {} minutes and counting, all stations report go, the water tower is venting and the birds have gone quiet", ("10", "9", "20", "2")),
    ),
    "weekday": (
        ("The second launch attempt will be on {} evening if the valve on the pad can be replaced in time, says the agency", ("Monday", "Tuesday", "Sunday", "Thursday", "Friday")),
        ("Die Stichwahl findet am {} statt, die Briefwahlunterlagen werden in den nächsten Tagen an alle Haushalte verschickt", ("Samstag", "Sonntag", "Montag", "Freitag")),
        ("La segunda vuelta se celebra el {} y las papeletas se pueden recoger desde mañana en cualquier oficina de correos", ("lunes", "martes", "jueves", "viernes")),
    ),
    "month": (
        ("The recount in the northern ward is put off until {} because the ballot papers were stored in a flooded cellar", ("March", "May", "June", "July")),
    ),
    "negation": (
        ("The returning officer {} order a recount in the harbour ward, after a night of rumours and a broken printer", ("will", "will not", "won't")),
        ("Flight director says the crew {} in danger at any time while the capsule was tumbling above the ocean", ("was", "was never", "was not")),
        ("Engineers say that the bridge {} open again tonight, whatever the water does before the tide turns at the weir", ("can", "can't", "cannot")),
        ("Das Ergebnis aus dem Hafenviertel ist {} gültig, teilt die Wahlleiterin am frühen Morgen den Wartenden mit", ("nun", "nicht", "noch nicht")),
        ("Le match {} interrompu malgré la pluie battante et les protestations des deux entraîneurs sur le banc", ("est", "n'est pas", "n'a jamais été")),
        ("There was {} truth in the story about the missing ballot boxes, the committee told us on the steps of the hall", ("some", "no", "little")),
    ),
    "relation": (
        ("My {} is counting ballots in a freezing sports hall tonight and has eaten nothing but biscuits since lunchtime", ("mother", "brother", "father", "sister", "aunt", "uncle", "son", "gran")),
        ("Watching the launch from the dunes with my {} and a flask, we have been coming here since the first tests", ("wife", "husband", "niece", "nephew", "boss", "mum")),
    ),
    "team": (
        ("Full time and the {} have done it, the away end is a wall of scarves and nobody is going home for a while", ("Rovers", "Rangers", "United", "City", "Wanderers")),
        ("{} win the toss and will shoot first at the end where their own supporters stand, the noise is unreal", ("Albion", "Athletic", "Town", "County")),
    ),
    "score": (
        ("It is {} at half-time in the cup final and both managers are shouting at the same fourth official in the tunnel", ("1-0", "0-1", "1-1", "2-1", "10")),
        ("Final score from the national stadium: {} after extra time, the cup goes north for the first time in its history", ("3-2", "2-3", "3-1", "4-2")),
    ),
    "verdict": (
        ("The court has {} the appeal of the losing candidate, and the new mayor will be sworn in without any more delay", ("rejected", "granted", "accepted", "dismissed")),
        ("Second stage engine burn is reported {} by the control room, we wait for the orbit figures from the tracking ship", ("nominal", "failed", "complete", "short")),
        ("The keeper guessed {} and the penalty went the other way, the whole stadium is shaking like a washing machine", ("left", "right")),
        ("Shares of the launch company went {} after the landing, and the morning papers will call it a turning point", ("up", "down")),
    ),
    "product": (
        ("Celebrate election night with {} and save on everything in the shop until the last ballot has been counted", ("CrunchyOats", "BubbleFix", "TeaTime Gold", "SoftSocks")),
        ("Win two tickets for the cup final: follow us, share this post and tell us why you love {} more than your team", ("Zapfizz", "Pommo", "Kernelz", "Molto Bene")),
    ),
    "weather": (
        ("Weather officer expects {} at the pad this evening, the next report from the range comes in about an hour", ("rain", "sun", "fog", "hail", "strong wind")),
    ),
}  # fmt: skip

# A text, and the same text with a fact more: an update of it, not a copy.
ADDED = (
    ("Polls have just closed across the whole county and the first ballot boxes are already on their way", ". Turnout was 61 percent"),
    ("The returning officer has announced the result of the harbour ward to a very tired sports hall", ": Ortega wins"),
    ("The booster has landed upright on the barge in the Atlantic and the children are very impressed", ", 8 minutes after launch"),
    ("Kick-off has been delayed because of the heavy traffic around the ground, says the club's account", ", now at 20:15"),
    ("The countdown has been stopped because of a stuck valve on the pad, the crew stays in the capsule", ". Next attempt on Thursday"),
    ("There is a fire in the cellar of the town hall and the count has been moved to the swimming pool", ". Nobody is hurt"),
    ("Der Start wurde wegen starker Höhenwinde abgebrochen, die Besatzung hat die Kapsel verlassen", ". Neuer Versuch am Freitag"),
    ("Le dépouillement vient de commencer dans la salle des fêtes, les bénévoles ont apporté du café", ". Participation : 58 %"),
    ("Trains to the coast are stopped until the tree is off the line, tickets accepted on the buses", ", two hours at least"),
    ("The captain has been taken off on a stretcher, waving to the stand, and the band has stopped playing", ". Replaced by Novak"),
)  # fmt: skip

# A text, and what happened then, in plain words.
SENTENCES = (
    ("Polls have just closed across the whole county and the first ballot boxes are already on their way", (". The vote has been annulled", ". One box is missing", ". The count was stopped by a judge", ". This is not true", ". The hall is on fire", ", says nobody can leave", ". Fire alarm in the hall")),
    ("The booster has landed upright on the barge in the Atlantic and the children are very impressed", (". It has tipped over", " and then it exploded", ". It was an old video", ". The mission is lost", ". Crew safe", ". The barge sinks")),
    ("Power is back on in most of the valley after last night's storm, engineers still working on the lines", (". It has gone again", ". A worker was hurt", ". Outage returns", ". The dam is leaking", ". Wrong valley, sorry")),
    ("Der Start wurde wegen starker Höhenwinde abgebrochen, die Besatzung hat die Kapsel verlassen", (". Die Rakete brennt", ". Alles ist abgesagt", ". Die Meldung war falsch", ". Feuer an der Rampe")),
    ("Le dépouillement vient de commencer dans la salle des fêtes, les bénévoles ont apporté du café", (". Le scrutin est invalidé", ". La salle est évacuée", ". Fausse alerte", ". Tout est suspendu")),
    ("El recuento va muy despacio esta noche en Valdeprado, pero la plaza está llena y nadie quiere irse", (". El voto queda anulado", ". Se ha ido la luz", ". Hay un herido", ". Se suspende")),
)  # fmt: skip
