"""What a string of a schema is: the traps first, each as public definitions have it, then images."""

from typing import Any

import pytest

from kubectl_tcr.crds import signs
from kubectl_tcr.kubernetes.roles import Role
from tests.crds.invented import STRING, Schema, definition, items, keys, learned, mapping, string, told

ANY = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def of(spec: Schema, **names: Any) -> dict[str, str]:
    return told(learned(definition(spec, **names)))


STAY = {
    "the image of a block device": (
        mapping(volume=mapping(rbd=mapping(image=string("The rados image name."), **keys("pool", "keyring")))),
        {"spec.volume.rbd.image": "name"},
    ),
    "the image of a machine, by what stands beside it": (
        mapping(image=string("The image to boot."), **keys("instanceType", "imageFamily")),
        {"spec.image": "name"},
    ),
    "the image of a machine, by its description": (
        mapping(image=string("Name of the image that the virtual machine is created from.")),
        {"spec.image": "name"},
    ),
    "an AMI": (mapping(ami=mapping(image=string())), {"spec.ami.image": "name"}),
    "the image of an operating system, by its key": (mapping(osImage=string()), {"spec.osImage": "name"}),
    "an icon": (mapping(iconImage=string("Shown in the console.")), {"spec.iconImage": "name"}),
    "an image by gallery, publisher and offer": (
        mapping(image=mapping(name=string(), **keys("gallery", "offer", "version"))),
        {"spec.image.name": "name"},
    ),
    "a number": (mapping(image={"type": "integer"}), {}),
    "a number or a string": (mapping(image={"x-kubernetes-int-or-string": True}), {}),
    "one of a few words": (mapping(image=string(enum=["small", "large"])), {}),
    "an id, a policy, a secret, a digest": (
        mapping(**keys("imageID", "imagePullPolicy", "imagePullSecret", "imageDigest", "imageTag", "imageFormat")),
        {},
    ),
    "the name of a resource": (
        mapping(image=string("Name of the image resource in the same namespace.")),
        {"spec.image": "name"},
    ),
    "the output of a build, by the key above": (
        mapping(build=mapping(output=mapping(image=string(), **keys("type", "pushSecret")))),
        {"spec.build.output.image": "target"},
    ),
    "the output of a build, by its key": (mapping(outputImage=string()), {"spec.outputImage": "target"}),
    "the output of a build, by its description": (
        mapping(image=string("The image that is pushed to the registry.")),
        {"spec.image": "target"},
    ),
    "a registry for one image": (
        mapping(imageRepository=string("The container registry to pull the proxy image from."), imageTag=string()),
        {"spec.imageRepository": "prefix"},
    ),
    "what is copied to another registry, by the description of the list": (
        mapping(extraImages={**items(STRING), "description": "Container images that will be mirrored."}),
        {"spec.extraImages[]": "target"},
    ),
    "what is allowed, by the description of the mapping": (
        mapping(images={**mapping(proxy=STRING), "description": "Allowed images of the proxy."}),
        {"spec.images.proxy": "match"},
    ),
    "settings, whatever is said of them": (
        mapping(
            image=mapping(
                **dict.fromkeys(("tag", "hash", "imageId", "imageType"), string("Docker image of the proxy.")),
            )
        ),
        {},
    ),
    "what only a part of its description calls an image": (
        mapping(entrypoint=string("Docker image entrypoint."), user=string("The user of the docker image.")),
        {},
    ),
    "a list of what is allowed": (mapping(allowedImages=items(string())), {"spec.allowedImages[]": "match"}),
    "a pattern": (mapping(image=string("A pattern with wildcards.")), {"spec.image": "match"}),
    "what a policy verifies": (
        mapping(verifyImages=items(mapping(image=string()))),
        {"spec.verifyImages[].image": "match"},
    ),
    "a digest for an image that others name": (
        mapping(images=items(mapping(image=string(), digest=string()))),
        {"spec.images[].image": "match"},
    ),
    "what is running": (mapping(currentImage=string()), {"spec.currentImage": "record"}),
    "what a container ran": (
        mapping(states=items(mapping(image=string(), **keys("containerID", "imageID")))),
        {"spec.states[].image": "record"},
    ),
    "a module of WebAssembly": (mapping(wasm=mapping(image=string())), {"spec.wasm.image": "address"}),
    "a component that is joined with a repository": (
        mapping(driver=mapping(image=string(), repository=string(), version=string(), imagePullPolicy=string())),
        {"spec.driver.image": "name", "spec.driver.repository": "prefix"},
    ),
    "a component that is joined with a registry": (
        mapping(image=string(), registry=string()),
        {"spec.image": "name"},
    ),
    "a registry that names are appended to": (
        mapping(imageRepository=string("Registry to pull images from."), version=string()),
        {"spec.imageRepository": "prefix"},
    ),
    "an organisation with a name beside it": (
        mapping(image=mapping(repository=string(), name=string(), tag=string())),
        {"spec.image.repository": "prefix", "spec.image.name": "name"},
    ),
    "a name with an address beside it": (
        mapping(image=mapping(name=string(), uri=string(), version=string())),
        {"spec.image.name": "name"},
    ),
    "a repository of code": (
        mapping(image=mapping(repository=string("The git repository to build."), tag=string())),
        {"spec.image.repository": "address"},
    ),
}
KINDS = {
    "what a cloud runs": (
        "run.cnrm.cloud.google.com",
        "Service",
        mapping(image=string("The container image.")),
        "address",
    ),
    "a package of Crossplane": ("pkg.crossplane.io", "ProviderRevision", mapping(image=string()), "address"),
    "a machine": ("acme.example.com", "BoatMachineTemplate", mapping(image=string()), "name"),
    "a provider of machines": ("infrastructure.cluster.x-k8s.io", "BoatCluster", mapping(image=string()), "name"),
    "an image that is scanned": ("acme.example.com", "ImageRepository", mapping(image=string()), "address"),
    "an exception to a policy": ("acme.example.com", "PolicyException", mapping(image=string()), "match"),
    "a report": ("acme.example.com", "VulnerabilityReport", mapping(image=string()), "record"),
}
SUSPECTED = {
    "a schema of machines that does not say more": mapping(image=string(), **keys("region", "size")),
    "a name without more words": mapping(imageName=string()),
    "an address without more words": mapping(imageUrl=string()),
    "a list without more words": mapping(images=items(string())),
    "images by name": mapping(images={"type": "object", "additionalProperties": string()}),
    "a repository whose registry may be another one": mapping(
        image=mapping(repository=string(), registry=string(), tag=string())
    ),
    "a registry further up": mapping(imageRegistry=string(), web=mapping(image=string("Image of the web server."))),
    "a repository without a tag": mapping(imageRepository=string()),
    "a repository without a tag that may be one of many": mapping(
        image=mapping(repo=string("Name of the docker repo."), pullPolicy=string(), shipVersion=string())
    ),
    "a tool that is an image of something": mapping(builder=string("Builder is the image containing the tools.")),
}
IMAGES = {
    "by its name": (mapping(image=string()), {"spec.image"}),
    "by the end of its name": (
        mapping(baseImage=string(), sidecar_image=string()),
        {"spec.baseImage", "spec.sidecar_image"},
    ),
    "in lower case": (mapping(initimage=string()), {"spec.initimage"}),
    "what is said to be the tag of a container": (
        mapping(proxy=string("Proxy is the image tag for the container.")),
        {"spec.proxy"},
    ),
    "a container, whatever the list is called": (
        mapping(helpers=items(mapping(image=string(), **keys("command", "env")))),
        {"spec.helpers[].image"},
    ),
    "the container disk of a machine": (
        mapping(disks=items(mapping(containerDisk=mapping(image=string(), imagePullPolicy=string())))),
        {"spec.disks[].containerDisk.image"},
    ),
    "a machine-like schema that says container": (
        mapping(image=string("Container image of the exporter."), **keys("region")),
        {"spec.image"},
    ),
    "a name that the description explains": (
        mapping(imageName=string("Name of the container image.")),
        {"spec.imageName"},
    ),
    "a pull spec": (mapping(workImagePullSpec=string()), {"spec.workImagePullSpec"}),
    "a list that the description explains": (
        mapping(images=items(string("A container image to pull in advance."))),
        {"spec.images[]"},
    ),
    "a list, by the description of the list": (
        mapping(images={**items(STRING), "description": "Images that are to be prepulled on each node."}),
        {"spec.images[]"},
    ),
    "under any key, by the description of the mapping": (
        mapping(images={"type": "object", "additionalProperties": STRING, "description": "Docker images by name."}),
        {"spec.images.{}"},
    ),
    "below a key that says of what": (
        mapping(containerImages=mapping(crane=STRING, pilotImages={"type": "object", "additionalProperties": STRING})),
        {"spec.containerImages.crane", "spec.containerImages.pilotImages.{}"},
    ),
    "by the description of a mapping of images": (
        mapping(images={**mapping(nodeContainer=STRING, tag=STRING), "description": "The container images of all."}),
        {"spec.images.nodeContainer"},
    ),
    "a string that only its description calls one": (
        mapping(builder=string("Docker image of the builder."), image=mapping(custom=string("The full image name."))),
        {"spec.builder", "spec.image.custom"},
    ),
    "the container in which something is built": (
        mapping(image=string("Image of the container where the ship will be built.")),
        {"spec.image"},
    ),
    "by name, as the description explains": (
        mapping(images=mapping(proxy=string("Docker image of the proxy."), registry=string("Docker registry."))),
        {"spec.images.proxy"},
    ),
    "under any key": (
        mapping(nodes={"type": "object", "additionalProperties": mapping(image=string())}),
        {"spec.nodes.{}.image"},
    ),
    "an image volume": (
        mapping(extraVolumes=items(mapping(image=mapping(reference=string(), pullPolicy=string())))),
        {"spec.extraVolumes[].image.reference"},
    ),
    "split into repository and tag": (
        mapping(image=mapping(repository=string("Where to pull the image from."), tag=string())),
        {"spec.image.repository"},
    ),
    "split into name and tag": (mapping(image=mapping(name=string(), tag=string())), {"spec.image.name"}),
    "split into imageRepository and version": (
        mapping(imageRepository=string(), version=string()),
        {"spec.imageRepository"},
    ),
    "split, with the tag under a key of its own": (
        mapping(image_web=string(), image_web_version=string()),
        {"spec.image_web"},
    ),
    "split without a key for it, by its description": (
        mapping(repository=string("Repository to pull the image from."), version=string()),
        {"spec.repository"},
    ),
    "split without a key for it, by its default": (
        mapping(repository=string(default="docker.io/acme/ship"), version=string()),
        {"spec.repository"},
    ),
    "a repository that is said to hold one image": (
        mapping(shipDockerRepository=string("The repository containing the image of the ship.")),
        {"spec.shipDockerRepository"},
    ),
    "split without a key for it": (
        mapping(exporter=mapping(repository=string(), tag=string(), pullPolicy=string())),
        {"spec.exporter.repository"},
    ),
    "in a container that the schema leaves open": (mapping(proxyContainer=ANY), {"spec.proxyContainer.image"}),
    "in containers that the schema leaves open": (mapping(sidecars=items(ANY)), {"spec.sidecars[].image"}),
    "below a key with a dot": (mapping(**{"a.b": mapping(image=string())}), {"spec['a.b'].image"}),
}


@pytest.mark.parametrize("name", STAY)
def test_what_stays(name: str) -> None:
    spec, wanted = STAY[name]
    assert of(spec) == wanted


@pytest.mark.parametrize("name", KINDS)
def test_what_stays_by_its_kind(name: str) -> None:
    group, kind, spec, role = KINDS[name]
    assert of(spec, group=group, kind=kind) == {"spec.image": role}


@pytest.mark.parametrize("name", SUSPECTED)
def test_what_is_suspected(name: str) -> None:
    found = of(SUSPECTED[name])
    assert set(found.values()) == {"suspected"}, found


@pytest.mark.parametrize("name", IMAGES)
def test_what_is_an_image(name: str) -> None:
    spec, wanted = IMAGES[name]
    assert of(spec) == dict.fromkeys(wanted, "image")


@pytest.mark.parametrize("key", ["containers", "initContainers", "ephemeralContainers"])
def test_a_pod_template_needs_no_row(key: str) -> None:
    container = mapping(image=string(), **keys("name", "imagePullPolicy"))
    assert of(mapping(template=mapping(spec=mapping(**{key: items(container)})))) == {}


def test_status_is_a_record() -> None:
    crd = definition(mapping())
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = mapping(status=mapping(image=string()))
    assert told(learned(crd)) == {"status.image": "record"}


def test_what_the_tables_exclude_stays() -> None:
    assert of(mapping(image=string()), group="image.toolkit.fluxcd.io", kind="ImageRepository") == {
        "spec.image": "address"
    }


def test_a_row_says_why() -> None:
    [row] = learned(definition(mapping(image=string(), imagePullPolicy=string()))).rows
    assert (row.role, row.is_certain, row.why) == (Role.IMAGE, True, "called image, beside imagePullPolicy")


@pytest.mark.parametrize("sign", signs.table(), ids=lambda sign: f"{sign.says} {sign.where} {sign.words[0]}")
def test_every_sign_is_sound(sign: signs.Sign) -> None:
    assert sign.says in {"container", "other", "pods", "machines", *Role}
    places = {"group", "kind", "key", "key begins", "above", "above ends", "beside", "pulls", "says", "anywhere"}
    assert sign.where in places
    assert all(sign.words)
    assert len(set(sign.words)) == len(sign.words)
