"""The words of the model card (Mitchell et al. 2019); `card` puts the figures in."""

CARD = """\
# {name}: model card

One fused model of text and pictures. Text encoder: {text} ({text_parameters:,} parameters), fine-tuned on every
text task below at once{taught}. Image encoder: {image} ({image_parameters:,}), trained on ImageNet;
its layers above {layer} are fine-tuned on pictures of posts and on pictures with captions.
Fusion: each encoding is projected to {width} units, combined ({kind}), and mixed by {hidden} units; a missing
modality is a learned vector. Heads: {heads}. The tone heads (emotion, irony, offensive, hate) read the text only:
no picture was labelled for tone. Text and pictures also share a space of {space} numbers, for search, own topics and
the match of a text with its picture. {parameters:,} parameters in all.

## How good it is

Measured on posts that no weight was trained on, by the command that trained it:

    postlens train --data DATA --out BUNDLE --seed {seed}{options}

The intervals hold 95 % of 1,000 resamples of the posts. The calibration error is the expected one (ECE), the average
gap between confidence and the part that is right; "by chance" is what perfect confidence would show on so few posts.
These same splits chose which of a training's few checkpoints was kept, and the temperatures ({temperatures})
were fitted on them, where a head was measured on several sets with each set counting the same; each figure uses the
temperature that the other half of the posts gives.

{evaluations}

Published test splits were not used: not for training, not for choosing, not for these figures.

### What each part brought

{ablation}

Kinds of fusion, trained on the same encodings with three seeds, accuracy on MVSA dev, text and picture:

{fusions}

The simplest within the noise of the best is kept.

A post that lacks a modality is not to suffer from the fusion. Models of one modality alone reach, on the labels of
just that modality, accuracy {text_alone:.3f} for texts and {image_alone:.3f} for pictures; the fused model
{text_fused:.3f} and {image_fused:.3f}.

Text-to-image retrieval, Flickr8k dev, {captions_val:,} captions of 1,000 pictures: the right picture is first for \
{r1:.3f}, among five for {r5:.3f}, among ten for {r10:.3f}.

The topic of a picture alone is the one named for its text for {topic_agreement:.3f} of MVSA dev; always naming the
commonest would reach {topic_commonest:.3f}. So a picture alone says next to nothing about the topic, and
PostLens names none for posts without text.

{explanations}### Slices

{slices}

### Other languages

The model was trained on English. Posts in other languages are scored and flagged (`in_language` is false). What it
makes of them, UMSAB validation, sentiment of the text:

{multilingual}

A third of those posts belongs to each sentiment: 0.333 is what guessing reaches. English posts of this set stand
partly in the training data and are left out.

How well the language itself is told (py3langid, before any scoring): the part of posts whose language is named, the
part of those that is right, and the part of all that is flagged as foreign. Posts too short to tell are not flagged.

{languages}

Hindi posts of this set are written in Latin letters, which py3langid does not know as Hindi.

## Where it fails

{wrong} of {probes} posts that were written to be hard, with what the model makes of them:

{failures}

- Writing inside pictures is not read. Drawings, memes and screenshots are unlike anything it was trained on.
- Long posts are cut after {tokens} tokens, about {words} words.
- A picture alone says little: see the figures for pictures alone above.
- Offensive and hateful are judged by words and context of 2016 to 2019, mostly in posts about immigrants, women and
  politics in the United States. The published test set of the hate data is unlike its training data: models as
  good as this one on validation reach 0.47 to 0.56 macro F1 there (TweetEval). Expect the like on posts of your own.

## What it was trained on

| data | rows (train, validation) | what for | source and terms |
|---|---|---|---|
| TweetEval sentiment | {tweets_sentiment_train:,}, {tweets_sentiment_val:,} | sentiment | SemEval-2013 to 2016 \
task A; \
Twitter's terms, not to be redistributed |
| MVSA-Single | {mvsa_train:,}, {mvsa_val:,} | sentiment of text, picture, both; shared space | Niu et al., \
MMM 2016, split of CLMLF \
(Li et al., NAACL Findings 2022). Research use; tweets of real people |
| TweetTopic, single label | {tweets_topic_train:,}, {tweets_topic_val:,} | topics | Antypas et al., COLING 2022 |
| TweetEval emotion | {tweets_emotion_train:,}, {tweets_emotion_val:,} | emotion | Mohammad et al., SemEval-2018 |
| TweetEval irony | {tweets_irony_train:,}, {tweets_irony_val:,} | irony | Van Hee et al., SemEval-2018 |
| TweetEval offensive | {tweets_offensive_train:,}, {tweets_offensive_val:,} | offensive | OLID, Zampieri et \
al. 2019 |
| TweetEval hate | {tweets_hate_train:,}, {tweets_hate_val:,} | hate | Basile et al., SemEval-2019 |
| Flickr8k | {captions_train:,}, {captions_val:,} captions | shared space | Hodosh et al., JAIR 2013 |
| unlabelled tweets | {unlabelled:,} | heads of the fused model, shared space | \
TweetEval emoji, MVSA-Multiple, HFM: texts only |
| UMSAB | none, {multilingual_val:,} | figures for other languages | Barbieri et al., LREC 2022 |
| all-MiniLM-L6-v2; EfficientNet-Lite0, ImageNet | - | where the encoders started | Apache-2.0 |

None of these data is part of PostLens.

Known flaws of the data

- MVSA's joint label follows from the two single ones: equal labels keep that label, otherwise the one that is not
  neutral wins, and contradictions were dropped. So the data never shows a positive text with a negative
  picture; on such posts the model extrapolates.
- 40 % of MVSA's posts are retweets, near-duplicates exist (also across train and dev), 49 groups of duplicates carry
  conflicting labels, emoji were lost to `?` in 9 % of the texts, 39 pictures have a side under 100 px. Six in
  ten posts are positive, one in ten neutral.
- Labels of sentiment, irony and offence are opinions, and people differ.
- 233 published test texts of the hate data also stand in its train split.
- Nearly all posts are tweets in English from 2012 to 2021. Newer words, other platforms and other languages
  are outside of what was tested.

## What it is for

Intended use: to sort, count and read batches of English social posts, with the posts themselves at hand. Numbers for
publication should name the model and the share of "not sure" posts, and rest on a sample read by people.

Do not use it to judge or rank persons, to decide on moderation or on anything else about a person without a human
reading the post, or for languages, platforms and kinds of picture that it was not tested on.
"""
"""What a bundle is, how good, and what for."""
EXPLANATIONS = """\
### How far its explanations hold

Of the predicted sentiment of {posts} posts of MVSA dev, drawn at random; on posts of your own by
`postlens evaluate compact --data FILE --task sentiment --explanations`.

{sums}

Words or regions are taken away (comprehensiveness, deletion) and shown alone (sufficiency, insertion) in the order of
their attribution, and in random orders. Above 0 the attribution is better than chance; in brackets the interval that
holds 95 % of resamples of the posts.

{gains}

{leading}

"""
"""The section on explanations."""
