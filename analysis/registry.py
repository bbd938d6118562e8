"""Finds objects by the module that defines them: those of a package, and those that callers register.

Importers and exporters are found like this, so that adding one is adding one file.
"""

from __future__ import annotations

import pkgutil
from functools import cached_property
from importlib import import_module
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """The objects that modules define as a constant of one name.

    Args:
        package: Full name of the package; each of its modules that has the constant defines one object.
        constant: Its name, such as "IMPORTER".
        kind: The class of the objects.

    Attributes:
        modules: Full names of the registered modules, the oldest first.
    """

    def __init__(self, package: str, constant: str, kind: type[T]) -> None:
        self.modules: list[str] = []
        self._package = package
        self._constant = constant
        self._kind = kind

    def all(self) -> list[T]:
        """Return all objects: those of the package by their modules' names, then the registered ones."""
        return [*self._built_in, *map(self.load, self.modules)]

    def register(self, module: str) -> T:
        """Add the object of a module outside the package, and return it.

        Raises:
            ImportError: There is no such module.
            AttributeError: It has no such constant.
            TypeError: The constant is of another class.
        """
        found = self.load(module)
        if module not in self.modules:
            self.modules.append(module)
        return found

    def unregister(self, module: str) -> None:
        """Remove the object of a module that was given to `register`."""
        self.modules.remove(module)

    def load(self, module: str) -> T:
        """Return the object of a module; see `register` for the errors."""
        found = getattr(import_module(module), self._constant)
        if not isinstance(found, self._kind):
            raise TypeError(f"{self._constant} of {module} is not an {self._kind.__name__}")
        return found

    @cached_property
    def _built_in(self) -> list[T]:
        package = import_module(self._package)
        names = [f"{self._package}.{each.name}" for each in pkgutil.iter_modules(package.__path__)]
        return [self.load(name) for name in names if hasattr(import_module(name), self._constant)]
